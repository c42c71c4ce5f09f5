"""`python -m embedded.manage COMMAND …`: a manage.py command against what `make run` is running in this checkout."""

import json
import os
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
    return subprocess.run([sys.executable, "manage.py", *arguments], env=variables, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
