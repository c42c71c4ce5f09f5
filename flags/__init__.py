"""Flags: switches over in-development features, granted per event. Ask `flags.is_on("name", event)`."""

from flags.evaluation import CarriesFlags, Snapshot, is_on
from flags.requirement import flag_required

__all__ = ["CarriesFlags", "Snapshot", "flag_required", "is_on"]
