"""What a form was read at, so that of two people who edit one thing the second is told what changed meanwhile."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any


def mark(values: Mapping[str, Any]) -> str:
    """A short text that a form carries: of each value a digest, by its name."""
    return json.dumps({name: _digest(value) for name, value in values.items()}, separators=(",", ":"))


def changed(marked: str, values: Mapping[str, Any]) -> list[str]:
    """Names of these values that are not what they were when `marked` was made; all of them where it cannot be read."""
    try:
        known = json.loads(marked)
    except ValueError:
        known = None
    if not isinstance(known, dict):
        return list(values)
    return [name for name, value in values.items() if known.get(name) != _digest(value)]


def _digest(value: Any) -> str:
    """Of the value as it is kept: a choice and the text behind it are one."""
    return blake2b(json.dumps(value, default=str).encode(), digest_size=6).hexdigest()
