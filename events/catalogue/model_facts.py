"""What the models say of their own fields, so that a catalogue's limits cannot drift from the database's."""

from typing import Any

from django.db.models import Field, Model


def longest(model: type[Model], name: str) -> int:
    """The most characters that the field holds."""
    return _field(model, name).max_length or 0


def default(model: type[Model], name: str) -> Any:
    """What the field holds when nobody says."""
    return _field(model, name).default


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    field = model._meta.get_field(name)  # noqa: SLF001  -- Django's documented way to a model's fields
    if not isinstance(field, Field):
        raise TypeError(f"{name} is not a field of {model.__name__}")
    return field
