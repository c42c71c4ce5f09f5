"""Holds the documents against the house: what they link to, name and promise is there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core import mail as sent
from django.core.management import get_commands
from django.db import connection
from django.utils.timezone import now

from checkout import ledger
from checkout.actions import mail
from checkout.choice import MOST_TICKETS
from checkout.demo import seeding
from checkout.models import Mail, PaymentState, Refund, RefundState
from checkout.models.orders import MOST_RENEWALS
from events.models import Availability
from events.summary import STATUS_TEXT
from tests.buyers import make_complete_order, make_held_order
from tests.test_house_style import (
    ELEMENT_LINES,
    FILE_LINES,
    FUNCTION_LINES,
    ROOT,
    TEMPLATE_LINES,
    TEST_FILE_LINES,
    name,
    tracked,
)
from tito.settings.environment import VARIABLES

DOCUMENTS = tracked("*.md")
README = ROOT / "README.md"
TOP = {path.name for path in ROOT.iterdir()}
MADE = (".local", ".venv", "staticfiles")  # by commands; a fresh clone has none of these
NOT_SETTINGS = {"PORT", "PYTHON", "DJANGO_SETTINGS_MODULE", "POSTGRES_PASSWORD"}
NUMBER_WORDS = {1: "once", 2: "twice", 3: "three times"}


def prose(path: Path) -> str:
    """The document without its fenced blocks."""
    return re.sub(r"^ *```.*?^ *```", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)


def section(path: Path, heading: str) -> str:
    """From the line of this heading to the next of the same depth."""
    depth = heading.split(maxsplit=1)[0]
    return path.read_text().partition(f"\n{heading}\n")[2].partition(f"\n{depth} ")[0]


def code_spans(path: Path) -> list[str]:
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(path))]


def links(path: Path) -> list[str]:
    """Where relative links and pictures lead."""
    found = re.findall(r"\]\(([^)\s]+)\)", prose(path))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(path: Path) -> set[str]:
    """As the usual renderers make them of headings."""
    headings = re.findall(r"^#+ (.+)$", prose(path), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def file_names(path: Path) -> Iterator[str]:
    """Code spans that name a file or folder of ours: they begin at the top of the checkout, or end like a file."""
    for span in code_spans(path):
        if re.search(r"[\s<>*…{}$()]", span) or span.startswith(("/", "-", *MADE)):
            continue
        is_ours = span.split("/")[0] in TOP and ("/" in span or Path(span).suffix)
        if is_ours or re.search(r"^[\w./-]+/[\w-]+\.(py|sql|md|html|js|css|toml|yml|txt)$", span):
            yield span


def test_the_walk_finds_the_documents() -> None:
    found = {name(path) for path in DOCUMENTS}

    assert {
        "README.md",
        "CHANGELOG.md",
        "docs/contributors/tour.md",
        "docs/decisions/0001-one-statement-hold.md",
    } < found


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    targets = [(link, *link.partition("#")[::2]) for link in links(path)]

    lost = [link for link, file, _ in targets if file and not (path.parent / file).exists()]
    unknown = [
        link
        for link, file, anchor in targets
        if anchor and link not in lost and anchor not in anchors(path.parent / file if file else path)
    ]

    assert (lost, unknown) == ([], [])


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_named_files_exist(path: Path) -> None:
    assert [file for file in file_names(path) if not (ROOT / file).exists() and not (path.parent / file).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_named_commands_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    text = path.read_text()

    made = {
        word
        for line in re.findall(r"(?:^|`)(?:[A-Z]+=\S+ )?make((?: [a-z-]+)+)", text, re.MULTILINE)
        for word in line.split()
    }
    managed = set(re.findall(r"manage\.py ([a-z_]+)", text))
    modules = re.findall(r"python3? -m (\w+(?:\.\w+)*)", text)

    assert made - targets == set()
    assert managed - set(get_commands()) == set()
    assert [m for m in modules if m.split(".")[0] in TOP and not list(ROOT.glob(f"{m.replace('.', '/')}*"))] == []


def test_the_two_commands_are_what_ci_runs() -> None:
    ci, smoke = (ROOT / ".ci" / "run").read_text(), (ROOT / "embedded" / "smoke.py").read_text()

    commands = re.findall(r"^(make \w+)", section(README, "## Two commands"), flags=re.MULTILINE)

    assert commands == ["make run", "make test"]
    assert "\nmake test\n" in ci
    assert "-m embedded.smoke" in ci
    assert '["make", "run"]' in smoke


def test_the_readme_prints_the_demo_log_ins() -> None:
    rows = re.findall(r"^\| (\S+@\S+) \| (\S+) \|", README.read_text(), flags=re.MULTILINE)

    assert rows == [seeding.STAFF, seeding.OWNER]


def test_pictures_of_the_readme_are_made_by_the_script() -> None:
    script = ROOT / "docs" / "pictures.py"

    pictures = [link for link in links(README) if link.endswith(".png")]

    assert [Path(picture).name for picture in pictures] == [
        "event-wide.png",
        "event-phone-dark.png",
        "review.png",
        "ticket.png",
        "rehearsal.png",
    ]
    assert [picture for picture in pictures if Path(picture).stem not in script.read_text()] == []


@pytest.mark.parametrize("document", ["README.md", "docs/operators/running.md", "docs/operators/ledger.md"])
def test_named_variables_exist(document: str) -> None:
    spans = " ".join(code_spans(ROOT / document))

    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", spans))

    assert {variable.removesuffix("_FILE") for variable in named} - set(VARIABLES) - NOT_SETTINGS == set()


def test_running_names_what_production_requires() -> None:
    source = (ROOT / "tito" / "settings" / "production.py").read_text()
    page = section(ROOT / "docs/operators/running.md", "## Settings")

    required = re.findall(r'"(\w+)"', source.partition("REQUIRED = (")[2].partition(")")[0])
    listed = re.findall(r"`(\w+)`", page.partition("- one of")[2].partition("is missing")[0])

    assert len(required) > 5
    assert sorted(listed) == sorted(required)


def test_log_events_that_running_names_are_logged() -> None:
    source = "\n".join(path.read_text() for path in tracked("*.py") if not name(path).startswith("tests/"))
    rows = re.findall(
        r"^\| (`.+?`) \|", section(ROOT / "docs/operators/running.md", "## What to watch"), flags=re.MULTILINE
    )
    events = re.findall(r"`([^`]+)`", " ".join(row for row in rows if not row.startswith("`manage.py")))

    logged = set(re.findall(r"log\.(?:warning|error|exception|info)\(\s*\"([^\"]+)\"", source))

    assert logged - set(events) == set()
    assert set(events) - logged == set()


def test_the_ledger_page_has_every_line_that_the_commands_print() -> None:
    page = " ".join((ROOT / "docs/operators/ledger.md").read_text().split())
    sql = (ROOT / "checkout" / "sql" / "ledger.sql").read_text()
    sentences = [sentence for _, sentence in ledger.CHECKS]
    literals = [*_fragments("checkout/ledger.py"), *_fragments("checkout/reconcile.py")]
    fragments = [part for text in sentences for part in re.split(r"\{\d\}", text)]

    lost = [
        part
        for part in [*fragments, *literals, *re.findall(r"o\.reference, '([^']+)'", sql)]
        if part.strip() not in page
    ]

    assert lost == []


def _fragments(file: str) -> list[str]:
    """The fixed parts of the sentences that this file makes."""
    tree = ast.parse((ROOT / file).read_text())
    made = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    return [str(part.value) for text in made for part in text.values if isinstance(part, ast.Constant)]


def recipe(document: str, language: str, place: int) -> str:
    """A fenced block of a document, by its place among those of its language; without its indentation."""
    blocks = re.findall(
        rf"^ *```{language}\n(.*?)^ *```", (ROOT / document).read_text(), flags=re.DOTALL | re.MULTILINE
    )
    return dedent(blocks[place])


@pytest.mark.django_db
def test_the_recipe_for_a_refused_refund_has_it_tried_again() -> None:
    order = make_held_order()
    payment = order.payments.create(
        attempt=1, amount_minor=1000, refunded_minor=1000, currency="GBP", state=PaymentState.PAID,
        created_at=now(), paid_at=now(),
    )  # fmt: skip
    refund = Refund.objects.create(
        payment=payment, state=RefundState.FAILED, amount_minor=1000, reason="", key="payment-9-in-full",
        created_at=now(), next_attempt_at=now(),
    )  # fmt: skip

    exec(recipe("docs/operators/ledger.md", "python", 0), {})  # noqa: S102  -- what a reader would type

    refund.refresh_from_db()
    assert (refund.state, refund.attempts) == (RefundState.PENDING, 1)


@pytest.mark.django_db
def test_the_recipe_for_failed_mail_has_it_sent() -> None:
    order = make_complete_order()
    order.mail.update(failed_at=now(), attempts=12)

    exec(recipe("docs/operators/ledger.md", "python", 1), {})  # noqa: S102  -- what a reader would type

    assert mail.drain(now=now()) == 1
    assert [letter.to for letter in sent.outbox] == [[order.email]]
    assert Mail.objects.get(order=order).sent_at is not None


@pytest.mark.django_db
def test_the_recipe_after_a_restore_moves_the_numbers_on() -> None:
    before = make_held_order()

    with connection.cursor() as cursor:
        cursor.execute(recipe("docs/operators/running.md", "sql", 0))

    after = make_held_order()
    assert after.pk == before.pk + 100_001
    assert after.reference != before.reference


def test_tickets_explains_every_word_of_the_listing() -> None:
    page = (ROOT / "docs/organisers/tickets.md").read_text()
    words = [*STATUS_TEXT.values(), *(label for value, label in Availability.choices if value != Availability.PLENTY)]

    assert [word for word in words if f"\n| {word} |" not in page] == []
    assert f"{MOST_TICKETS} tickets in all" in page
    assert NUMBER_WORDS[MOST_RENEWALS] in page


def test_style_names_the_limits_that_are_held() -> None:
    rows = re.findall(
        r"^\| ([a-zA-Z ]+) \| (\d+) \|", (ROOT / "docs/contributors/style.md").read_text(), flags=re.MULTILINE
    )
    lint = (ROOT / "pyproject.toml").read_text()
    held = {
        "lines in a Python file": FILE_LINES,
        "lines in a test file": TEST_FILE_LINES,
        "lines in a function": FUNCTION_LINES,
        "lines in a template": TEMPLATE_LINES,
        "lines in a script": ELEMENT_LINES,
        "complexity of a function": int(re.findall(r"max-complexity = (\d+)", lint)[0]),
        "statements in a function": int(re.findall(r"max-statements = (\d+)", lint)[0]),
        "arguments of a function": int(re.findall(r"max-args = (\d+)", lint)[0]),
        "characters in a line": int(re.findall(r"line-length = (\d+)", lint)[0]),
    }

    assert {what: int(most) for what, most in rows} == held


@pytest.fixture(scope="module")
def compose() -> Any:
    """docker-compose.yml as YAML reads it."""
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_compose_gives_the_site_settings_that_exist_and_all_that_production_requires(compose: Any) -> None:
    given = compose["services"]["web"]["environment"]

    assert set(given) - set(VARIABLES) == set()
    assert set(VARIABLES) - set(given) == {"STRIPE_API_BASE", "STATEMENT_TIMEOUT_MS"}
    assert given == compose["services"]["worker"]["environment"] == compose["services"]["migrate"]["environment"]


def test_compose_holds_no_secret_and_starts_with_none_left_out(compose: Any) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    asked = set(re.findall(r"\$\{(\w+):\?", text))

    documented = set(
        re.findall(r"^(\w+)=", section(ROOT / "docs/operators/running.md", "## With containers"), re.MULTILINE)
    )

    assert asked == documented
    for variable in ("SECRET_KEY", "EMAIL_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"):
        assert compose["services"]["web"]["environment"][variable].startswith(f"${{{variable}:?")


def test_every_container_is_unprivileged_and_read_only(compose: Any) -> None:
    for service in compose["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service.get("user") in {"nginx", "postgres", "valkey"} or service["build"] == "."

    assert re.findall(r"^USER (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE) == ["10001:10001", "nginx"]


def test_only_the_edge_can_be_reached_and_from_this_machine_only(compose: Any) -> None:
    ports = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}

    assert ports == {"edge": ["127.0.0.1:${PORT:-8000}:8080"]}
    assert compose["networks"]["inside"] == {"internal": True}
    assert [compose["services"][server]["networks"] for server in ("postgres", "valkey")] == [["inside"], ["inside"]]


def test_the_image_has_every_room_that_is_installed_and_nothing_that_is_not_named() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rooms = {app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()}

    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}

    assert lines[1] == "*"
    assert rooms | {"tito", "templates", "static", "manage.py", "requirements/base.txt"} <= let_in
    assert let_in & {"embedded", "fakestripe", "tests", ".env", ".local"} == set()
    assert [path for path in let_in if not (ROOT / path).exists()] == []
