"""Flags: switches over in-development features, granted per event. Ask `flags.is_on("name", event)`."""

from flags.evaluation import CarriesFlags, Snapshot, is_on

__all__ = ["CarriesFlags", "Snapshot", "is_on"]
