"""Rows made from rows: what a duplicate of an event and the copy that is rehearsed have in common."""

from typing import Any, TypeVar

from django.db.models import Model

from events.models import Event, Quota, Stock

M = TypeVar("M", bound=Model)


def like(row: M, **over: Any) -> M:
    """A row like this one, not saved, with these fields otherwise; whatever fields the model has or will get."""
    fields = row._meta.concrete_fields  # noqa: SLF001  -- Django's documented way to a model's fields
    own = {field.attname: getattr(row, field.attname) for field in fields if not (field.primary_key or field.generated)}
    made = type(row)(**own)
    for name, value in over.items():
        setattr(made, name, value)
    return made


def quotas(event: Event, copy: Event) -> dict[int, Quota]:
    """The copies of its quotas, with the same capacity and nothing taken, by the number of what each is a copy of."""
    rows = list(event.quotas.select_related("stock").order_by("position", "id"))
    copies = Quota.objects.bulk_create(like(row, event=copy) for row in rows)
    Stock.objects.bulk_create(
        Stock(quota=made, capacity=row.stock.capacity) for row, made in zip(rows, copies, strict=True)
    )
    return {row.pk: made for row, made in zip(rows, copies, strict=True)}
