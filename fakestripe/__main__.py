"""`python -m fakestripe`: one fake Stripe until SIGTERM or SIGINT, or until its input ends."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from fakestripe.context import is_loopback, is_loopback_host
from fakestripe.fake import FakeStripe, Options


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until told to end; prints one line when ready."""
    options, is_kept = _options(arguments)
    ended = threading.Event()
    if is_kept:
        threading.Thread(target=_read_to_the_end, args=(ended,), name="keeper", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with FakeStripe(options) as fake:
        print(f"Fake Stripe ready at {fake.base_url}, webhooks to {options.webhook_url}", flush=True)
        ended.wait()


def _read_to_the_end(ended: threading.Event) -> None:
    """The input ends when whoever holds its other end closes it, or dies in whatever way."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    ended.set()


def _options(arguments: Sequence[str] | None) -> tuple[Options, bool]:
    parser = argparse.ArgumentParser(prog="python -m fakestripe", description="A stand-in for Stripe. No money moves.")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", type=_loopback_host, help="a loopback address")
    parser.add_argument(
        "--webhook-url", required=True, type=_loopback_url, help="where the shop listens, on this machine"
    )
    parser.add_argument("--webhook-secret", required=True, help="what webhooks are signed with: whsec_…")
    parser.add_argument("--key", help="the one right API key: sk_test_…; any test key by default")
    parser.add_argument("--state", type=Path, metavar="DIR", help="keep the state here over a restart")
    parser.add_argument("--until-input-ends", action="store_true", help="end with whoever has started it")
    given = vars(parser.parse_args(arguments))
    is_kept = given.pop("until_input_ends")
    return Options(**given), is_kept


def _loopback_host(host: str) -> str:
    if not is_loopback_host(host):
        raise argparse.ArgumentTypeError(f"{host} is not a loopback address")
    return host


def _loopback_url(url: str) -> str:
    if not is_loopback(url):
        raise argparse.ArgumentTypeError(f"{url} is not an http address on this machine")
    return url


if __name__ == "__main__":
    main()
