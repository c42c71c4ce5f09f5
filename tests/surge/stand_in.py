"""A stand-in for the generator, which speaks its contract: `python stand_in.py MODE PLAN.json`.

`buy` is one visitor who buys a free ticket and one who pays at the fake Stripe; `linger` says it is at work until it is
interrupted, and reports then; `fail` has more errors than a rehearsal bears; `die` ends without a word.
"""

import json
import signal
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path
from typing import Any

OUTCOME: dict[str, Any] = {
    "partial": False, "began_at": "2030-05-01T12:00:00+00:00", "seconds": 1.0, "errors": [], "timeline": [],
    "generator": {"processes": 1, "scheduled": 2, "started": 2, "late_p99_ms": 1.0, "cpu_share": 0.1,
                  "is_bottleneck": False, "why": ""},
    "steps": {"hold": {"count": 2, "errors": 0, "p50_ms": 9.0, "p95_ms": 9.0, "p99_ms": 9.0, "max_ms": 9.0}},
    "journeys": {"bought": 2}, "edge": {}, "sold_out_at_second": None,
}  # fmt: skip


class Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are read, not followed."""

    def redirect_request(self, *_: Any) -> None:
        return None


def ask(url: str, form: dict[str, str] | None = None) -> tuple[str, str]:
    """Where an answer leads, and its text."""
    body = urllib.parse.urlencode(form).encode() if form is not None else None
    try:
        with urllib.request.build_opener(Stay).open(url, body, timeout=20) as answer:
            return "", answer.read().decode()
    except urllib.error.HTTPError as fault:
        if fault.code != 303:
            raise
        return str(fault.headers["Location"]), ""


def say(**message: Any) -> None:
    sys.stdout.write(f"{json.dumps(message)}\n")
    sys.stdout.flush()


def progress(second: int, errors: int = 0) -> None:
    arrived = 100 * second
    say(progress={"second": second, "scheduled": arrived, "arrived": arrived, "holds": 2, "sold": 2, "sold_out": 0,
                  "errors": errors, "at_work": 1})  # fmt: skip


def buy(plan: dict[str, Any], slug: str, *, is_paid: bool) -> dict[str, Any]:
    """One ticket, through the pages."""
    base = plan["base"]
    ask(f"{base}{plan['path']}")
    held, _ = ask(f"{base}{plan['path']}orders/", {f"quantity-{slug}": "1", "key": str(uuid.uuid4())})
    ask(f"{base}{held}", {"full_name": "Ada", "email": "ada@example.com", "use_buyer_name": "on"})
    order = held.removesuffix("details/")
    if is_paid:
        page, _ = ask(f"{base}{order}payments/", {})
        where = urllib.parse.urlsplit(page)
        session = where.path.rpartition("/")[2]
        urllib.request.urlopen(f"http://{where.netloc}/_fake/sessions/{session}/pay", data=b"{}", timeout=20).close()
        ask(f"{base}{order}return/")
    _, text = ask(f"{base}{order}")
    return {"order": order, "reference": "", "tickets": 1, "paid": is_paid, "email": "ada@example.com",
            "confirmed": "ada@example.com" in text}  # fmt: skip


def linger(errors: int) -> None:
    """A second of a crowd after the other, as fast as they can be told, until interrupted."""

    def stop(*_: object) -> None:
        say(outcome={**OUTCOME, "partial": True})
        sys.exit(0)

    signal.signal(signal.SIGINT, stop)
    for second in range(1, 2000):
        progress(second, errors * second)
        time.sleep(0.02)


def main(mode: str, plan: dict[str, Any]) -> None:
    if mode == "buy":
        receipts = [buy(plan, "free", is_paid=False), buy(plan, "seat", is_paid=True)]
        Path(plan["receipts"]).write_text("".join(f"{json.dumps(one)}\n" for one in receipts))
        progress(1)
        say(outcome=OUTCOME)
    elif mode == "die":
        sys.exit("no such curve")
    else:
        linger({"linger": 0, "fail": 10}[mode])


main(sys.argv[1], json.loads(Path(sys.argv[2]).read_text()))
