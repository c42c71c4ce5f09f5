"""Flags: switches over in-development features, granted per event. Ask `flags.is_on("name", event)`, ask the database
within `flags.region("name", event)`, and say `flags.used("name", event)` when somebody has used the feature."""

from flags.evaluation import CarriesFlags, Snapshot, is_on
from flags.regions import region, used
from flags.requirement import flag_required

__all__ = ["CarriesFlags", "Snapshot", "flag_required", "is_on", "region", "used"]
