"""Lists and expansion, the two things every Stripe object has in common.

https://docs.stripe.com/api/pagination and https://docs.stripe.com/api/expanding_objects.
"""

from collections.abc import Callable
from typing import Any

from fakestripe import errors, objects
from fakestripe.context import Context
from fakestripe.form import Params
from fakestripe.objects import Json

PAGING = ("created", "ending_before", "expand", "limit", "starting_after")
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}
EXPANDABLE = {"payment_intent": "payment_intents", "latest_charge": "charges", "charge": "charges"}


def page(context: Context, table: str, url: str, params: Params, fields: tuple[str, ...]) -> Json:
    """One page of a table, newest first; `fields` are what it may be narrowed down by."""
    params.only(*PAGING, *fields)
    wanted = {name: params.text(name) for name in fields}
    rows = [
        row
        for row in _beyond_the_cursor(list(reversed(context.store[table].values())), params)
        if _was_made(row, params) and all(value in (None, row[name]) for name, value in wanted.items())
    ]
    limit = _limit(params)
    cut = rows[-limit:] if "ending_before" in params.tree else rows[:limit]
    shown = [expanded(context, row, params, within="data.") for row in cut]
    return objects.listing(shown, url, has_more=len(rows) > limit)


def expanded(context: Context, record: Json, params: Params, within: str = "") -> Json:
    """The object as the API shows it, with what `expand[]` asks for in place of its id."""
    shown = objects.public(record, context.base_url)
    for path in params.texts("expand"):
        if not path.startswith(within):
            raise _not_expandable(path)
        _expand(context, shown, record, path.removeprefix(within).split("."))
    return shown


def _expand(context: Context, shown: Json, record: Json, path: list[str]) -> None:
    name, *rest = path
    if name == "line_items" and not rest and "_fake" in record:
        url = f"/v1/checkout/sessions/{record['id']}/line_items"
        shown[name] = objects.listing(record["_fake"]["lines"], url, has_more=False)
        return
    if name not in EXPANDABLE or name not in record:
        raise _not_expandable(".".join(path))
    inner = context.store[EXPANDABLE[name]].get(record[name] or "")
    if inner is None:
        return
    if not isinstance(shown[name], dict):
        shown[name] = objects.public(inner, context.base_url)
    if rest:
        _expand(context, shown[name], inner, rest)


def _not_expandable(path: str) -> errors.Refused:
    return errors.invalid(f"This property cannot be expanded ({path}).", "expand")


def _limit(params: Params) -> int:
    limit = params.integer("limit", least=1) or 10
    if limit > 100:
        message = "This value must be less than or equal to 100."
        raise errors.invalid(message, "limit", "parameter_invalid_integer")
    return limit


def _beyond_the_cursor(rows: list[Json], params: Params) -> list[Json]:
    """What comes after `starting_after`, or before `ending_before`; everything without them."""
    after, before = params.text("starting_after"), params.text("ending_before")
    if after:
        return rows[_position(rows, after, "starting_after") + 1 :]
    if before:
        return rows[: _position(rows, before, "ending_before")]
    return rows


def _position(rows: list[Json], identifier: str, param: str) -> int:
    for index, row in enumerate(rows):
        if row["id"] == identifier:
            return index
    raise errors.missing("object", identifier, param, status=400)


def _was_made(row: Json, params: Params) -> bool:
    """Whether a row was created when `created` (a moment, or bounds in `gt`, `gte`, `lt`, `lte`) says."""
    asked: Any = params.tree.get("created", {})
    if isinstance(asked, str):
        return params.integer("created") == int(row["created"])
    bounds = params.branch("created")
    bounds.only(*COMPARISONS)
    made = int(row["created"])
    limits = {word: bounds.integer(word) for word in COMPARISONS}
    return all(limit is None or COMPARISONS[word](made, limit) for word, limit in limits.items())
