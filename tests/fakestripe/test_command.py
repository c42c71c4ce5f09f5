"""`python -m fakestripe`: its one line, its clean end, its refusals, and the state it finds again."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import stripe

from fakestripe import FakeStripe, Options
from fakestripe.store import FILE
from tests.fakestripe.makers import SECRET, Shop, asked, make_session, open_client

ROOT = Path(__file__).parents[2]


@contextmanager
def started(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command as a process, and its first line."""
    command = [sys.executable, "-m", "fakestripe", "--port", "0", "--webhook-secret", SECRET, *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  -- our own
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline()
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_command_says_one_line_and_ends_cleanly(shop: Shop, number: int) -> None:
    with started("--webhook-url", shop.url) as (process, said):
        base_url = said.split()[4].rstrip(",")
        with open_client(base_url) as client:
            account = client.v1.accounts.retrieve_current()

            process.send_signal(number)
            rest = process.communicate(timeout=10)[0]

    assert said == f"Fake Stripe ready at {base_url}, webhooks to {shop.url}\n"
    assert account.object == "account"
    assert (process.returncode, rest) == (0, "")


@pytest.mark.parametrize(
    "options",
    [
        ["--webhook-url", "http://127.0.0.1:1/", "--host", "0.0.0.0"],  # noqa: S104  -- it has to be refused
        ["--webhook-url", "http://127.0.0.1:1/", "--host", "127.0.0.1.example.com"],
        ["--webhook-url", "http://shop.example.com/"],
        [],
    ],
)
def test_command_refuses_what_is_not_this_machine(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    from fakestripe.__main__ import main

    with pytest.raises(SystemExit) as ended:
        main(["--port", "0", "--webhook-secret", SECRET, *options])

    assert ended.value.code == 2
    assert "usage: python -m fakestripe" in capsys.readouterr().err


def test_fake_refuses_to_listen_elsewhere() -> None:
    with pytest.raises(ValueError, match="loopback only"):
        FakeStripe(Options(host="0.0.0.0"))  # noqa: S104  -- it has to be refused


def test_state_is_found_again_after_a_kill(shop: Shop, tmp_path: Path) -> None:
    with started("--webhook-url", shop.url, "--state", str(tmp_path)) as (process, said):
        with open_client(said.split()[4].rstrip(",")) as client:
            session = client.v1.checkout.sessions.create(asked(), {"idempotency_key": "once"})
        process.kill()

    with FakeStripe(Options(state=tmp_path)) as fake, open_client(fake.base_url) as client:
        found = client.v1.checkout.sessions.retrieve(session.id)
        replayed = client.v1.checkout.sessions.create(asked(), {"idempotency_key": "once"})
        fake.pay(session.id)

    assert (found.status, found.amount_total, replayed.id) == ("open", 4150, session.id)
    assert found.url is not None
    assert found.url.startswith(fake.base_url)


def test_webhooks_that_had_not_arrived_are_sent_after_a_restart(shop: Shop, tmp_path: Path) -> None:
    with FakeStripe(Options(state=tmp_path)) as first, open_client(first.base_url) as client:
        first.hold_webhooks()
        first.pay(make_session(client).id)

    options = Options(state=tmp_path, webhook_url=shop.url, webhook_secret=SECRET)
    with FakeStripe(options) as second:
        second.wait_for_webhooks()

    assert shop.kinds() == ["checkout.session.completed"]
    with FakeStripe(options) as third:
        third.wait_for_webhooks()
    assert len(shop.calls) == 1


def test_late_payment_is_kept_over_a_restart(tmp_path: Path) -> None:
    with FakeStripe(Options(state=tmp_path)) as first, open_client(first.base_url) as client:
        session = make_session(client)
        first.pay_late(session.id, seconds=600)

    with FakeStripe(Options(state=tmp_path)) as second, open_client(second.base_url) as client:
        second.set_clock(offset=601)
        status = client.v1.checkout.sessions.retrieve(session.id).status

    assert status == "complete"


def test_state_file_holds_no_api_key_and_no_draft_is_left(tmp_path: Path) -> None:
    key = "sk_test_do_not_write_me"

    with FakeStripe(Options(state=tmp_path)) as fake, open_client(fake.base_url, key) as client:
        make_session(client)

    text = (tmp_path / FILE).read_text()
    assert len(json.loads(text)["sessions"]) == 1
    assert "do_not_write_me" not in text
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_stopped_fake_is_gone_for_clients_that_kept_their_connection() -> None:
    with FakeStripe() as fake, open_client(fake.base_url) as client:
        client.v1.balance.retrieve()

        fake.stop()

        with pytest.raises(stripe.APIConnectionError):
            client.v1.balance.retrieve()
