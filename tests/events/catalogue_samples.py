"""A catalogue of our own invention with everything that real ones have: two pools of one name, a capacity of 0, types
without pools, secret types, nested pools, prices in two currencies."""

import json
from typing import Any


def festival(**over: Any) -> dict[str, Any]:
    """A file as an organiser would write it, leaving out what has a default. `over` replaces top-level keys."""
    return {
        "_about": "Notes are ignored.",
        "event": {
            "title": "Marsh Lights 2031",
            "slug": "marsh-lights",
            "venue": "Wicken Lode, Cambridgeshire",
            "timezone": "Europe/London",
            "currency": "GBP",
            "starts_at": "2031-07-04T12:00",
            "ends_at": "2031-07-06T22:00",
        },
        "pools": [
            {"name": "Whole site", "capacity": 900},
            {"name": "campervan", "capacity": 40},
            {"name": "campervan", "capacity": 30},
            {"name": "Day", "capacity": 0},
            {"name": "chair", "capacity": 250},
        ],
        "ticket_types": [
            ticket_type("adult", price_minor=9000, price_minor_eur=10500, pools=["Whole site"]),
            ticket_type("child", price_minor=0, price_minor_eur=0, pools=["Whole site"], max_per_order=5),
            ticket_type("van", price_minor=5000, group="Vehicles", pools=["Whole site", "campervan", "campervan"]),
            ticket_type("van-crew", price_minor=0, group="Vehicles", secret=True, pools=["campervan"]),
            ticket_type("van-late", price_minor=5000, group="Vehicles", pools=["campervan-2"]),
            ticket_type("day", price_minor=3000, pools=["Whole site", "Day"]),
            ticket_type("chair", price_minor=200, max_per_order=100, description="Folding.\r\nBlack.", pools=["chair"]),
            ticket_type("donation", kind="pwyw", minimum_minor=100, suggested_minor=500),
        ],
        **over,
    }


def ticket_type(slug: str, **over: Any) -> dict[str, Any]:
    """One of the file's ticket types."""
    return {"slug": slug, "name": slug.capitalize(), "max_per_order": 10, "secret": False, "pools": [], **over}


def text(catalogue: dict[str, Any]) -> str:
    """The file's text."""
    return json.dumps(catalogue)
