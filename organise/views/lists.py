"""What the lists of orders and attendees have in common."""

from typing import Final

from django.http import QueryDict

PLACE: Final = ("after", "before", "page", "csrfmiddlewaretoken")


def query_without_place(asked: QueryDict) -> str:
    """The filters in an address, ready to be followed by a place in the list: `q=ada&`, or nothing."""
    kept = asked.copy()
    for name in list(kept):
        if name in PLACE or not kept[name]:
            del kept[name]
    return f"{kept.urlencode()}&" if kept else ""
