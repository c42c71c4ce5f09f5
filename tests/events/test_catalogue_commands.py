"""import_catalogue and export_catalogue, as typed at a prompt."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from events.models import Event
from tests.events.catalogue_samples import festival, text
from tests.makers import make_event, make_organiser, make_quota

pytestmark = pytest.mark.django_db


def saved(folder: Path, file: dict[str, Any] | None = None) -> str:
    path = folder / "catalogue.json"
    path.write_text(text(file or festival()))
    return str(path)


def run(name: str, *arguments: str, verbosity: int = 1) -> str:
    """What the command says on both its channels."""
    said = StringIO()
    call_command(name, *arguments, stdout=said, stderr=said, verbosity=verbosity)
    return said.getvalue()


def test_import_says_where_the_event_is_and_what_was_made(tmp_path: Path) -> None:
    said = run("import_catalogue", saved(tmp_path), "--publish")

    assert said == (
        "Marsh Lights 2031 by Marsh Lights 2031, live: http://127.0.0.1:8000/marsh-lights/marsh-lights/\n"
        "created organiser marsh-lights, event marsh-lights, 5 pools, 8 ticket types\n"
    )


def test_import_again_says_that_nothing_changed(tmp_path: Path) -> None:
    run("import_catalogue", saved(tmp_path))

    said = run("import_catalogue", saved(tmp_path))

    assert said == (
        "Marsh Lights 2031 by Marsh Lights 2031, draft: http://127.0.0.1:8000/marsh-lights/marsh-lights/\n"
        "Nothing to change: the event is as the file says.\n"
    )


def test_import_says_each_change(tmp_path: Path) -> None:
    run("import_catalogue", saved(tmp_path))
    file = festival()
    file["pools"][0]["capacity"] = 950
    del file["ticket_types"][7]

    said = run("import_catalogue", saved(tmp_path, file))

    assert said.splitlines()[1:] == ["updated pool whole-site: capacity 900 → 950", "deleted ticket type donation"]


def test_import_lists_secret_links_when_asked_for_more(tmp_path: Path) -> None:
    said = run("import_catalogue", saved(tmp_path), verbosity=2)

    crew = Event.objects.get().ticket_types.get(slug="van-crew")
    links = [line for line in said.splitlines() if "secret link" in line]
    assert links == [
        f"secret link of van-crew: http://127.0.0.1:8000/marsh-lights/marsh-lights/secret/{crew.secret_key}/"
    ]


def test_import_takes_the_organiser_it_is_told(tmp_path: Path) -> None:
    make_organiser(slug="fen-folk")
    make_organiser(slug="others")

    run("import_catalogue", saved(tmp_path), "--organiser", "fen-folk")

    assert Event.objects.get().organiser.slug == "fen-folk"


def test_import_moves_the_event_and_its_sale_windows_together(tmp_path: Path) -> None:
    file = festival()
    file["ticket_types"][0] |= {"sale_starts_at": "2031-03-01T10:00", "sale_ends_at": "2031-07-04T12:00"}

    run("import_catalogue", saved(tmp_path, file), "--starts-at", "2031-08-01T09:00")

    out = json.loads(run("export_catalogue", "marsh-lights/marsh-lights"))
    assert (out["event"]["starts_at"], out["event"]["ends_at"]) == ("2031-08-01T09:00", "2031-08-03T19:00")
    # The wall's clock goes 27 days and 21 hours on, though British Summer Time starts between the two.
    assert out["ticket_types"][0]["sale_starts_at"] == "2031-03-29T07:00"
    assert out["ticket_types"][0]["sale_ends_at"] == "2031-08-01T09:00"


def test_import_refuses_to_move_an_event_to_nowhere(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--starts-at must be a time such as"):
        run("import_catalogue", saved(tmp_path), "--starts-at", "next summer")


@pytest.mark.parametrize(
    ("state", "sale_ends_at", "warns"),
    [("live", None, True), ("live", "2021-07-01T00:00", False), ("draft", None, False), ("closed", None, False)],
)
def test_import_warns_of_an_event_that_is_over_and_on_sale(
    tmp_path: Path, state: str, sale_ends_at: str | None, warns: bool
) -> None:
    file = festival()
    file["event"] |= {"starts_at": "2021-07-04T12:00", "ends_at": "2021-07-06T22:00", "state": state}
    for entry in file["ticket_types"]:
        entry["sale_ends_at"] = sale_ends_at

    said = run("import_catalogue", saved(tmp_path, file))

    assert ("the event ended on 6 July 2021 and its tickets are still on sale" in said) is warns


def test_import_refuses_a_bad_file_whole_with_every_fault(tmp_path: Path) -> None:
    file = festival()
    file["pools"][0]["capacity"] = -1
    file["ticket_types"][3]["price_minor"] = "free"

    with pytest.raises(CommandError) as refusal:
        run("import_catalogue", saved(tmp_path, file))

    assert str(refusal.value).splitlines()[1:] == [
        "  pools[0].capacity: must be a whole number, 0 or more",
        "  ticket_types[3].price_minor: must be a whole number, 0 or more",
    ]
    assert refusal.value.returncode == 1
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("content", "fault"), [(b"{", "line 1, column 2: not JSON"), (b"\xff\xfe{}", "byte 0: not UTF-8")]
)
def test_import_refuses_what_cannot_be_read(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=fault):
        run("import_catalogue", str(path))


def test_import_says_which_file_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none.json cannot be read: No such file or directory"):
        run("import_catalogue", str(tmp_path / "none.json"))


def test_export_writes_to_a_file_what_it_writes_to_standard_output(tmp_path: Path) -> None:
    run("import_catalogue", saved(tmp_path))
    out = tmp_path / "out.json"

    shown = run("export_catalogue", "marsh-lights/marsh-lights")
    run("export_catalogue", "/marsh-lights/marsh-lights/", "--output", str(out))

    assert out.read_text() == shown
    assert run("import_catalogue", str(out)).splitlines()[1] == "Nothing to change: the event is as the file says."


@pytest.mark.parametrize("name", ["nobody/nothing", "marsh-lights", ""])
def test_export_says_when_there_is_no_such_event(name: str) -> None:
    with pytest.raises(CommandError, match="Name it as ORGANISER/EVENT"):
        run("export_catalogue", name)


def test_export_says_what_a_catalogue_cannot_hold() -> None:
    event = make_event()
    make_quota(event=event, name="Balcony", slug="stalls")
    make_quota(event=event, name="stalls", slug="ground-floor")

    with pytest.raises(CommandError, match=r"pools\[0\].slug"):
        run("export_catalogue", f"{event.organiser.slug}/{event.slug}")
