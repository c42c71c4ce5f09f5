"""Codes as a CSV file: written with how each was used, and read again with a sentence for each line that is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from events.actions.codes import MOST_AT_ONCE, Terms
from events.models import Code, Event
from kit import csv_text, money
from organise.forms.codes import CodeForm
from organise.queries.codes import all_used

COLUMNS: Final = (
    "code", "percent off", "amount off", "uses", "ticket types", "shows secret", "fewest tickets", "valid from",
    "valid until", "on", "note",
)  # fmt: skip
MOMENT: Final = "%Y-%m-%dT%H:%M"
MOST_BYTES: Final = 2_000_000
MOST_FAULTS: Final = 20
YES: Final = {"yes", "y", "true", "1"}


class Faulty(Exception):
    """`faults` says what is wrong, line by line."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(str(faults))
        self.faults = list(faults)


def written(event: Event, *, site_url: str) -> Iterator[str]:
    """The file, line by line. All that can be imported again, and how the code was used."""
    slugs = dict(event.ticket_types.values_list("pk", "slug"))
    yield from csv_text.lines(_table(event, slugs, site_url))


def _table(event: Event, slugs: Mapping[int, str], site_url: str) -> Iterator[Sequence[object]]:
    yield [*COLUMNS, "used", "of which held", "money off", "link"]
    for code, usage in all_used(event):
        yield [
            *_terms(code, event, slugs), code.use.used, usage.held, money.input_text(usage.off_minor, event.currency),
            f"{site_url}{event.get_absolute_url()}code/{code.text}/",
        ]  # fmt: skip


def _terms(code: Code, event: Event, slugs: Mapping[int, str]) -> list[object]:
    return [
        code.text, code.percent, code.amount_minor and money.input_text(code.amount_minor, event.currency),
        code.use.capacity, "" if code.ticket_type_ids is None else _slugs(code.ticket_type_ids, slugs),
        "yes" if code.reveals_secret else "no", code.fewest_tickets,
        *(at and at.astimezone(event.zone).strftime(MOMENT) for at in (code.starts_at, code.ends_at)),
        "yes" if code.is_on else "no", code.note,
    ]  # fmt: skip


def _slugs(ids: Sequence[int], slugs: Mapping[int, str]) -> str:
    return " ".join(slugs[pk] for pk in ids if pk in slugs) or "-"


def read(content: bytes, event: Event) -> list[Terms]:
    """The codes of a file. Raises csv_text.NotCsv and Faulty."""
    rows = csv_text.read(content)
    if rows and "code" not in rows[0]:
        raise Faulty(["The first line names the columns, and one of them has to be called code."])
    if len(rows) > MOST_AT_ONCE:
        raise Faulty([f"At most {MOST_AT_ONCE:,} codes can be imported at once."])
    ids = {slug: str(pk) for pk, slug in event.ticket_types.values_list("pk", "slug")}
    found, faults, seen = [], [], set[str]()
    checker = CodeForm(event)
    for number, row in enumerate(rows, start=2):
        form = _filled(checker, row, ids)
        said = [f"Line {number}: {message}" for messages in form.errors.values() for message in messages]
        if not said and form.cleaned_data["text"] in seen:
            said = [f"Line {number}: {form.cleaned_data['text']} stands in the file twice."]
        faults += said
        if len(faults) >= MOST_FAULTS:
            break
        if not said:
            seen.add(form.cleaned_data["text"])
            found.append(form.terms(is_on=not row.get("on") or row["on"].lower() in YES))
    if faults:
        raise Faulty(faults[:MOST_FAULTS])
    return found


def _filled(checker: CodeForm, row: Mapping[str, str], ids: Mapping[str, str]) -> CodeForm:
    """The one form again, with another row: to make ten thousand would ask for the ticket types as often."""
    only = [ids.get(slug, slug) for slug in row.get("ticket types", "").replace(",", " ").replace(";", " ").split()]
    checker.data = _Typed({
        "text": row.get("code", ""), "percent": row.get("percent off", ""), "amount": row.get("amount off", ""),
        "capacity": row.get("uses", ""), "ticket_types": only, "note": row.get("note", ""),
        "reveals_secret": "on" if row.get("shows secret", "").lower() in YES else "",
        "fewest_tickets": row.get("fewest tickets") or "1", "starts_at": row.get("valid from", ""),
        "ends_at": row.get("valid until", ""),
    })  # fmt: skip
    checker.is_bound = True
    checker.full_clean()
    return checker


class _Typed(dict[str, Any]):
    """What a form reads its fields from, where one may have several values."""

    def getlist(self, name: str) -> list[str]:
        return list(self.get(name, ()))
