"""`manage.py rehearse`, with a stand-in for its generator: what it plays, refuses, says and leaves."""

import io
import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail as sent
from django.core.management import CommandError, call_command
from django.utils.timezone import now
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from checkout.models import Order, Payment
from events.models import Event
from surge import books, crowd, playing, processes
from surge.models import RehearsalRun, RunState
from tests.checkout.payers import COMMITTED
from tests.makers import make_event
from tests.surge.makers import begin, make_sale

STAND_IN = Path(__file__).with_name("stand_in.py")


class Terminal(io.StringIO):
    """Where a person looks on, and as soon as there is progress sends a signal."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__()
        self._number: signal.Signals | None = number

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if text.startswith("\r[") and self._number:
            number, self._number = self._number, None
            os.kill(os.getpid(), number)
        return super().write(text)


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Has the crowd of a rehearsal be the stand-in in one of its modes."""

    def be(mode: str) -> None:
        monkeypatch.setattr(crowd, "GENERATOR", (sys.executable, str(STAND_IN), mode))
        monkeypatch.setattr(playing, "SETTLED_WITHIN", 0.0)
        monkeypatch.setattr(playing, "COUNTED_WITHIN", timedelta(0))

    return be


def rehearse(event: Event, base: str, out: io.StringIO | None = None, **options: Any) -> tuple[int, str]:
    """The command's exit status, and what it said."""
    out = out or io.StringIO()
    status = 0
    try:
        call_command("rehearse", f"{event.organiser.slug}/{event.slug}", base=base, stdout=out, **options)
    except SystemExit as ended:
        status = int(str(ended.code))
    except CommandError as fault:
        return fault.returncode, str(fault)
    return status, out.getvalue()


def nothing_is_left() -> bool:
    return not Event.objects.rehearsals().exists() and not Order.objects.exists() and not Payment.objects.exists()


@COMMITTED
def test_rehearsal_plays_the_sale_passes_and_removes_the_copy(
    live_server: LiveServer, generator: Any, settings: Settings
) -> None:
    settings.STRIPE_SECRET_KEY = settings.STRIPE_API_BASE = ""
    generator("buy")
    event = make_sale()

    status, said = rehearse(event, live_server.url, buyers=2, seconds=1.0)

    run = RehearsalRun.objects.get()
    assert (status, run.state) == (0, RunState.PASSED), said
    assert "2 buyers bought, and each has tickets and mail." in said
    assert run.figures["site"]["books"]["orders"] == {"complete": 2}
    assert run.figures["site"]["books"]["paid"] == 1
    assert (run.settings["buyers"], run.hardware["cores"] > 0, len(run.commit)) == (2, True, 40)
    assert nothing_is_left()
    assert sent.outbox == []


@COMMITTED
def test_rehearsal_that_fails_exits_with_1_and_stops_itself(live_server: LiveServer, generator: Any) -> None:
    generator("fail")

    status, said = rehearse(make_sale(), live_server.url)

    run = RehearsalRun.objects.get()
    assert (status, run.state) == (1, RunState.ABORTED)
    assert "It stopped itself: 50 errors of 500 visitors within 5 seconds." in said
    assert run.figures["outcome"]["partial"] is True
    assert nothing_is_left()


@COMMITTED
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_rehearsal_reports_what_it_has_played(
    live_server: LiveServer, generator: Any, number: signal.Signals, tmp_path: Path
) -> None:
    generator("linger")
    page, figures = tmp_path / "report.html", tmp_path / "report.json"

    status, said = rehearse(make_sale(), live_server.url, out=Terminal(number), report=page, json=figures)

    run = RehearsalRun.objects.get()
    assert (status, run.state) == (1, RunState.ABORTED)
    assert "\r[" in said
    assert "arrived" in said
    assert "Aborted: what follows is of the part that was played." in said
    assert run.figures["outcome"]["partial"] is True
    assert f"Written, of the part that was played: {page}" in said
    assert "It was cut short." in page.read_text()
    assert json.loads(figures.read_text())["figures"] == run.figures
    assert nothing_is_left()


@pytest.mark.django_db
def test_report_that_could_not_be_written_is_refused_before_anything_is_played(tmp_path: Path) -> None:
    event = make_sale()

    with pytest.raises(CommandError, match="nothing can be written to"):
        call_command("rehearse", f"{event.organiser.slug}/{event.slug}", "--report", str(tmp_path / "no" / "such.html"))

    assert not RehearsalRun.objects.exists()


@COMMITTED
def test_report_that_cannot_be_written_in_the_end_loses_nothing(
    live_server: LiveServer, generator: Any, tmp_path: Path
) -> None:
    generator("fail")
    errors = io.StringIO()

    status, _ = rehearse(make_sale(), live_server.url, report=tmp_path / "gone" / "report.html", stderr=errors)

    run = RehearsalRun.objects.get()
    assert (status, run.state) == (1, RunState.ABORTED)
    assert f"Again: manage.py rehearsal_report {run.pk} FILE.html" in errors.getvalue()


@COMMITTED
def test_generator_that_dies_is_told_with_its_last_words_also_in_the_report(
    live_server: LiveServer, generator: Any, tmp_path: Path
) -> None:
    generator("die")
    page, figures = tmp_path / "report.html", tmp_path / "report.json"

    status, said = rehearse(make_sale(), live_server.url, report=page, json=figures)

    run = RehearsalRun.objects.get()
    assert (status, run.state) == (2, RunState.ABORTED)
    assert "no such curve" in said
    assert "There is nothing to judge: The generator has ended without a report. no such curve" in page.read_text()
    assert json.loads(figures.read_text())["state"] == "aborted"
    assert nothing_is_left()


@COMMITTED
def test_what_nobody_has_expected_is_told_in_a_line(
    live_server: LiveServer, generator: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    generator("buy")
    monkeypatch.setattr(books, "OVERSOLD", "SELECT nonsense, %s::int")
    page = tmp_path / "report.html"

    status, said = rehearse(make_sale(), live_server.url, report=page)

    run = RehearsalRun.objects.get()
    why = 'Something is wrong with the rehearsal itself: ProgrammingError: column "nonsense" does not exist'
    assert (status, run.state, run.figures) == (2, RunState.ABORTED, {"why": why})
    assert said == f"{why} It is kept as rehearsal {run.pk}; the copy is removed."
    assert "nonsense" in page.read_text()
    assert nothing_is_left()


@COMMITTED
def test_fake_stripe_that_does_not_start_leaves_nothing(live_server: LiveServer, monkeypatch: Any) -> None:
    monkeypatch.setattr(processes, "ROOT", Path(os.sep))

    status, said = rehearse(make_sale(), live_server.url)

    assert (status, nothing_is_left()) == (2, True)
    assert "The fake Stripe does not start" in said


@pytest.mark.django_db
@pytest.mark.parametrize("is_real", ["key", "settings", "base"])
def test_production_is_refused_unless_told_with_a_ceiling(
    is_real: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, base = make_sale(), "http://127.0.0.1:1"
    if is_real == "key":
        settings.STRIPE_SECRET_KEY = "sk_live_real"
    elif is_real == "settings":
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tito.settings.production")
    else:
        base = "https://tickets.example.com"

    answers = [
        rehearse(event, base, **options)
        for options in ({}, {"yes_production": True}, {"ceiling": 5.0}, {"payments": "http://127.0.0.1:2"})
    ]

    assert [status for status, _ in answers] == [2, 2, 2, 2]
    assert all("--yes-production, with a --ceiling" in said for _, said in answers)
    assert not RehearsalRun.objects.exists()


@COMMITTED
def test_production_is_played_when_told_with_its_ceiling(
    live_server: LiveServer, generator: Any, settings: Settings
) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = "sk_live_real", ""
    generator("buy")

    status, said = rehearse(make_sale(), live_server.url, yes_production=True, ceiling=5.0)

    assert status == 0, said
    assert RehearsalRun.objects.get().settings["ceiling_per_second"] == 5.0


@pytest.mark.django_db
def test_site_elsewhere_needs_a_fake_stripe_elsewhere() -> None:
    status, said = rehearse(make_sale(), "https://tickets.example.com", yes_production=True, ceiling=5.0)

    assert status == 2
    assert "Say with --payments where one is." in said


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["nobody/nothing", "", "/"])
def test_event_that_is_not_there_is_refused_in_words(given: str) -> None:
    with pytest.raises(CommandError, match="There is no event") as refused:
        call_command("rehearse", given, base="http://127.0.0.1:1")

    assert refused.value.returncode == 2


@pytest.mark.django_db
def test_event_that_is_being_rehearsed_is_refused(settings: Settings) -> None:
    event = make_sale()
    begin(event, now=now())

    assert rehearse(event, "http://127.0.0.1:1") == (2, "This event is being rehearsed just now.")


@pytest.mark.django_db
def test_clean_removes_what_older_rehearsals_have_left() -> None:
    begin()
    RehearsalRun.objects.update(started_at="2020-01-01T00:00:00Z")
    make_event()
    out = io.StringIO()

    call_command("rehearse", clean=True, stdout=out)

    assert out.getvalue() == "Removed what 1 older rehearsals had left.\n"
    assert not Event.objects.rehearsals().exists()


@pytest.mark.parametrize("option", ["--buyers=0", "--factor=-1", "--ceiling=inf", "--seconds=nan"])
def test_numbers_that_make_no_sense_are_refused(option: str) -> None:
    command = [sys.executable, "manage.py", "rehearse", "a/b", option]

    done = subprocess.run(command, cwd=STAND_IN.parents[2], capture_output=True, text=True, check=False)  # noqa: S603  -- our own

    assert done.returncode == 2
    assert "must be more than 0" in done.stderr
