"""`python -m embedded.manage COMMAND …`: a manage.py command against what `make run` is running in this checkout."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from embedded import private

KEPT = Path(".local") / "site.json"


def remember(variables: dict[str, str], local: Path) -> None:
    """Keep what the site was given beside our own environment, readable by its owner alone."""
    ours = {name: value for name, value in variables.items() if os.environ.get(name) != value}
    private.write(local / KEPT.name, json.dumps(ours))


def main(arguments: list[str]) -> int:
    """Answers the command's own exit code; 2 when the site has never run here."""
    if not KEPT.exists():
        print("Start the site first: make run.", file=sys.stderr)
        return 2
    variables = {**os.environ, **json.loads(KEPT.read_text())}
    command = subprocess.Popen([sys.executable, "manage.py", *arguments], env=variables)
    # Ctrl-C reaches the command too, which ends in its own way, however long that takes; a SIGTERM is passed on.
    handlers = {signal.SIGINT: lambda *_: None, signal.SIGTERM: lambda *_: command.terminate()}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        return command.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
