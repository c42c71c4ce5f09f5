"""The Chromium that the browser tests and the pictures drive: found, or installed where that is allowed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
COMMANDS = (
    ("apt-get", "-o", "DPkg::Lock::Timeout=300", "update"),
    ("apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends", "chromium"),
)
ADVICE = (
    "No Chromium is installed: run `apt-get install chromium` as root (or your system's own command for it), "
    "or leave its tests out: .venv/bin/python -m pytest -m 'not browser'"
)


def find() -> Path | None:
    """The browser's program, or None."""
    found = filter(None, map(shutil.which, NAMES))
    return next(map(Path, found), None)


def install() -> bool:
    """Install Debian's Chromium; False where this account or this system cannot."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print("Installing Chromium.", flush=True)
    for command in COMMANDS:
        done = subprocess.run(
            command,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            print(done.stdout, file=sys.stderr)
            return False
    return find() is not None


def main() -> int:
    """See to it that there is a browser; returns the exit status."""
    if find() or install():
        return 0
    print(ADVICE, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
