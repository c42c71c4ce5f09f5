"""`make load`: a sale of one minute on a house of its own, judged by `manage.py rehearse`, the operators' own door.

`python -m bench.house.sale` exits as that command does: with 0 when the sale passed, with 1 when it did not, with 2
when it could not be played. What it judges is in docs/contributors/load-tests.md.
"""

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from bench import ROOT, MeasurementFailed
from bench.house import wares_of_a_sale
from bench.house.house import House
from embedded import Refused, places, private, processes

LOCAL: Final = ROOT / ".local" / "load"
FIGURES: Final = LOCAL / "figures.json"
ORGANISER: Final = "bench"
PASSED, NOT_PASSED, NOT_PLAYED, INTERRUPTED = 0, 1, 2, 130
# Rules that hold on a machine of any speed. The others say how long something took.
EXACT: Final = frozenset({"oversell", "ledger", "buyers", "mail", "error: 5xx"})


def main() -> int:
    """Play it; returns the exit status."""
    wanted = _arguments()
    try:
        with _house() as house:
            return _play(house, wanted)
    except (MeasurementFailed, Refused) as reason:
        print(reason, file=sys.stderr)
        return NOT_PLAYED
    except KeyboardInterrupt:
        return INTERRUPTED


@contextmanager
def _house() -> Iterator[House]:
    """Everything running, with Postgres as durable as in production. Raises Refused while another sale is played."""
    LOCAL.mkdir(parents=True, exist_ok=True)
    with private.lock(LOCAL / "lock"), ExitStack() as stack:
        where = LOCAL / "house"
        processes.end_leftovers(where)
        places.remove(where)
        where.mkdir()
        print("Starting a house for the sale.", flush=True)
        house = House(where, stack, is_durable=True, application="tito.wsgi:application")
        house.open()
        yield house


def _play(house: House, wanted: argparse.Namespace) -> int:
    slug = _stock(house, wanted.catalogue)
    options = [f"--{name}={getattr(wanted, name)}" for name in ("curve", "buyers", "factor", "seconds")]
    options += ["--find-capacity"] if wanted.find_capacity else []
    status = _rehearse(house, [f"{ORGANISER}/{slug}", *options])
    if status == NOT_PLAYED:
        return status
    figures = house.sql("SELECT figures FROM surge_rehearsalrun ORDER BY id DESC LIMIT 1")[0][0]
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n")
    print(f"All figures: {FIGURES.relative_to(ROOT)}")
    if not wanted.times_are_told:
        return status
    status = exactness(figures)
    print(f"Times are told and not judged here: {'exact' if status == PASSED else 'not exact'}.")
    return status


def exactness(figures: Mapping[str, Any]) -> int:
    """The exit status by what must be right on the slowest machine. Nobody who bought is nothing proven."""
    findings: Iterable[Mapping[str, Any]] = figures.get("verdict", {}).get("findings", ())
    outcome = figures.get("outcome", {})
    # A sale that stopped itself, being too slow, cuts off who was just paying: their order completes a little later.
    exact = EXACT - {"buyers"} if outcome.get("partial") else EXACT
    if any(finding["mark"] == "failed" and finding["rule"] in exact for finding in findings):
        return NOT_PASSED
    bought = outcome.get("journeys", {}).get("bought", 0)
    return PASSED if bought else NOT_PLAYED


def _stock(house: House, file: str) -> str:
    """Put on sale what the file has, or what this sale has of its own; answers the event's slug."""
    path = Path(file) if file else house.where / "catalogue.json"
    if not file:
        path.write_text(json.dumps(wares_of_a_sale.catalogue()))
    starts_at = ["--starts-at", "2037-07-03T10:00"]  # whatever the file says: what is over is not on sale
    house.manage("import_catalogue", str(path), "--organiser", ORGANISER, "--publish", *starts_at)
    return str(json.loads(path.read_text())["event"]["slug"])


def _rehearse(house: House, arguments: list[str]) -> int:
    """The command's exit status. Ctrl-C reaches it too, and it ends with a report; a SIGTERM is passed on."""
    command = [sys.executable, "manage.py", "rehearse", *arguments]
    rehearsal = subprocess.Popen(command, cwd=ROOT, env=house.variables)
    handlers = {signal.SIGINT: lambda *_: None, signal.SIGTERM: lambda *_: rehearsal.terminate()}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        return rehearsal.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.house.sale", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--catalogue", default="", help="what is sold instead, as docs/organisers/catalogue.md has it")
    parser.add_argument("--curve", default="spike", help="as manage.py rehearse has it")
    parser.add_argument("--buyers", type=int, default=600)
    parser.add_argument("--factor", type=float, default=1.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--find-capacity", action="store_true", help="then search how much the house carries")
    parser.add_argument("--times-are-told", action="store_true", help="judge what was sold, and not how fast")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
