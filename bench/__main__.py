"""`python -m bench`: measure, print a table, write JSON.

Exits with 0, whether budgets are met or missed; with 1 when the books disagree; with 2 when measuring failed.
"""

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from bench import ROOT, MeasurementFailed, machine, report
from bench.figures import Section
from bench.ground import Ground, ground
from embedded import Refused

BENCHMARKS = ("holds", "pages", "flags", "orders", "edge", "surge", "organiser")
LOCAL = ROOT / ".local"
ALONE = 0.05  # of the machine in other hands spoils no figure


def main() -> int:
    """Do what the arguments ask; returns the exit status."""
    wanted = _arguments()
    before, result = machine.read(), _surroundings(wanted)
    print(_headline(result), flush=True)
    try:
        with ground(LOCAL) as ready:
            sections = _measure(ready, wanted)
    except (MeasurementFailed, Refused) as reason:
        print(reason, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    after = machine.read()
    result |= {
        "took_seconds": round(after.at - before.at),
        "load_average_after": machine.load_average(),
        "loop_ms_after": machine.loop_ms(),
        "share_of_the_machine": machine.shares(before, after),
        "figures": {section.name: section.as_json() for section in sections},
    }
    wanted.json.parent.mkdir(parents=True, exist_ok=True)
    wanted.json.write_text(json.dumps(result, indent=2) + "\n")
    print(_ending(result), f"Figures: {wanted.json}", sep="\n")
    return 1 if any(section.faults for section in sections) else 0


def _surroundings(wanted: argparse.Namespace) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.facts(),
        "seconds_per_round": wanted.seconds,
        "load_average_before": machine.load_average(),
        "loop_ms_before": machine.loop_ms(),
    }


def _measure(ready: Ground, wanted: argparse.Namespace) -> list[Section]:
    """Django is set up only now that the servers are known, so whatever needs its models is imported here."""
    os.environ.update(ready.variables)
    import django

    django.setup()
    from bench import wares

    wares.prepare()
    sections = []
    for name in wanted.only:
        section: Section = import_module(f"bench.{name}").measure(ready, seconds=wanted.seconds)
        print(report.text_of(section), flush=True)
        sections.append(section)
    return sections


def _headline(result: dict[str, Any]) -> str:
    facts = result["machine"]
    optimised = "" if facts["python_optimised"] else " (built without optimisation)"
    return (
        f"{facts['processor']}, {facts['cores']} cores, Python {facts['python']}{optimised}, {result['at']}\n"
        f"Load average {result['load_average_before'][0]}; "
        f"a million turns of an empty loop take {result['loop_ms_before']:.1f} ms of CPU"
    )


def _ending(result: dict[str, Any]) -> str:
    share, after = result["share_of_the_machine"], result["loop_ms_after"]
    alone = "" if sum(share.values()) < ALONE else " It was not alone: rates are too low, times too long."
    return (
        f"\nTook {result['took_seconds']} s; others used {share['others']:.0%} of the machine, its host took "
        f"{share['stolen']:.0%} away; the loop now takes {after:.1f} ms.{alone}"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure holds, pages, flags, orders, the edge, crowds and organisers.",
    )
    parser.add_argument("--only", type=_names, default=list(BENCHMARKS), help=f"some of {','.join(BENCHMARKS)}")
    parser.add_argument("--json", type=Path, default=LOCAL / "bench.json", help="where to write the figures")
    parser.add_argument("--seconds", type=int, default=2, help="how long each timed round lasts (default: 2)")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        raise argparse.ArgumentTypeError(f"no such benchmark: {', '.join(unknown)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
