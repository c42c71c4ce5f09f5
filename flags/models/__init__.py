"""What flags are made of: the flag itself, its grants, what it requires, its evidence, and what was ever changed."""

from flags.models.changes import Change
from flags.models.evidence import Evidence
from flags.models.flags import Flag, Kind, Prerequisite, Stage
from flags.models.grants import Grant

__all__ = ["Change", "Evidence", "Flag", "Grant", "Kind", "Prerequisite", "Stage"]
