"""`make bench`: what a hold, a page and a whole order cost, beside their budgets and a baseline of the same run.

It starts servers of its own, measures, and stops them. See docs/contributors/benchmarks.md.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class MeasurementFailed(Exception):
    """What was to be measured did not work, so there is no figure."""
