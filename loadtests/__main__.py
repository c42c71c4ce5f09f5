"""`python -m loadtests PLAN.json`: play one sale, and say in JSON lines how it goes and what came of it.

Every second {"progress": {…}}, at the end {"outcome": {…}}; docs/contributors/load-tests.md says what is in them.
SIGINT and SIGTERM end it at once with a partial outcome. It exits with 0 when there is an outcome, with 2 when the
plan cannot be played or the generator itself failed, and then says why on the standard error.
"""

import json
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from loadtests.conductor import Conductor, GeneratorFailed
from loadtests.plan import BadPlan, Plan

USAGE = "usage: python -m loadtests PLAN.json"


def main(arguments: Sequence[str]) -> int:
    """Play the plan in the file; returns the exit status."""
    if len(arguments) != 1:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        conductor = Conductor(Plan.load(Path(arguments[0])), lambda progress: _say({"progress": progress}))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: conductor.stop())
        _say({"outcome": conductor.run()})
    except (BadPlan, GeneratorFailed) as reason:
        print(reason, file=sys.stderr)
        return 2
    return 0


def _say(message: Mapping[str, Any]) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
