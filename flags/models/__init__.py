"""What flags are made of: the flag itself, its grants, what it requires, its evidence, what it cost, what people
decided about it, and what was ever changed."""

from flags.models.changes import Change
from flags.models.evidence import Evidence
from flags.models.flags import Flag, Kind, Prerequisite, Stage
from flags.models.grants import Grant, Switch
from flags.models.hours import Hour, RolledUp
from flags.models.notices import Notice
from flags.models.overrides import Keep, Override

__all__ = [
    "Change", "Evidence", "Flag", "Grant", "Hour", "Keep", "Kind", "Notice", "Override", "Prerequisite", "RolledUp",
    "Stage", "Switch",
]  # fmt: skip
