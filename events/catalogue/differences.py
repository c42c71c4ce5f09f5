"""Holds the rows of one model against what a catalogue wants of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Manager, Model

Row = TypeVar("Row", bound=Model)
Changes = dict[str, tuple[object, object]]


@dataclass(frozen=True)
class Difference(Generic[Row]):
    """Rows by slug: to be made, to be changed (from and to, by field), no longer wanted, and right as they are."""

    new: dict[str, Row]
    changed: dict[str, tuple[Row, Changes]]
    gone: dict[str, Row]
    same: tuple[str, ...]

    @property
    def is_none(self) -> bool:
        return not (self.new or self.changed or self.gone)

    def save_new(self, rows: Manager[Row]) -> None:
        """Insert what is new, in one statement."""
        rows.bulk_create(self.new.values(), batch_size=500)

    def save_changed(self, rows: Manager[Row]) -> None:
        """Update the fields that change, in one statement."""
        fields = sorted({name for _, changes in self.changed.values() for name in changes})
        if fields:
            rows.bulk_update([row for row, _ in self.changed.values()], fields, batch_size=500)


def difference(
    rows: Mapping[str, Row], wanted: Mapping[str, Mapping[str, object]], make: Callable[[str], Row]
) -> Difference[Row]:
    """Compare, and set the fields of new and changed rows to what is wanted; nothing is saved."""
    new, changed, same = {}, {}, []
    for slug, values in wanted.items():
        row = rows.get(slug) or make(slug)
        changes = {name: (getattr(row, name), value) for name, value in values.items() if getattr(row, name) != value}
        for name, value in values.items():
            setattr(row, name, value)
        if slug not in rows:
            new[slug] = row
        elif changes:
            changed[slug] = row, changes
        else:
            same.append(slug)
    gone = {slug: row for slug, row in rows.items() if slug not in wanted}
    return Difference(new, changed, gone, tuple(same))


def positions(current: Mapping[str, int], wanted: Iterable[str]) -> dict[str, int]:
    """A position for each slug wanted, in that order. Where `current`, in order, has just these, they stay."""
    slugs = list(wanted)
    return dict(current) if list(current) == slugs else {slug: place for place, slug in enumerate(slugs)}
