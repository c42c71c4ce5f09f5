"""Staff's pages over flags, grants, overrides, evidence and the audit. What changes an answer goes through the acts."""

from flags.admin.changes import ChangeAdmin
from flags.admin.evidence import EvidenceAdmin
from flags.admin.flags import FlagAdmin
from flags.admin.grants import GrantAdmin
from flags.admin.keeps import KeepAdmin
from flags.admin.overrides import OverrideAdmin

__all__ = ["ChangeAdmin", "EvidenceAdmin", "FlagAdmin", "GrantAdmin", "KeepAdmin", "OverrideAdmin"]
