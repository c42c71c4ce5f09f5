"""Addresses made from names."""

from collections.abc import Collection
from typing import Final

from django.utils.text import slugify

LONGEST: Final = 80


def suggested(name: str, *, taken: Collection[str] = (), otherwise: str) -> str:
    """Small letters, digits and hyphens of the name; with -2, -3 … behind it where that is taken."""
    base = slugify(name.replace("_", " "))[: LONGEST - 5].strip("-") or otherwise
    count = 1
    while (slug := base if count == 1 else f"{base}-{count}") in taken:
        count += 1
    return slug
