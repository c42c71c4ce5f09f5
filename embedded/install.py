"""Makes `.venv` and installs a lock file into it: `python3 -m embedded.install requirements/run.txt`.

Run by whatever Python the person has, so it must say what is wrong in words that an old one can read
too. What is installed is stamped by the lock file's content, so doing it again costs nothing.
"""

import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
VENV = Path(".venv")
INTERPRETER = VENV / "bin" / "python"


def fault() -> str:
    """Why this Python cannot make the environment, in one line; empty if it can."""
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        return f"Tito needs Python 3.11, and {sys.executable} is {found}. Try: make run PYTHON=python3.12"
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        return f"{sys.executable} cannot make environments. On Debian: apt-get install python3-venv"
    return ""


def install(lock: Path) -> None:
    """Install `lock` into `.venv` unless it is there. Raises CalledProcessError, pip having said why."""
    stamp = VENV / f"installed-{lock.name}"
    mark = f"{hashlib.sha256(lock.read_bytes()).hexdigest()} {VENV.resolve()}\n"
    if stamp.exists() and stamp.read_text() == mark and INTERPRETER.exists():
        return
    print(f"Installing {lock} into {VENV}. The first time takes a minute.", flush=True)
    if not is_whole():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    # Quiet but for errors: a machine's own pip configuration may warn of things nobody here can mend.
    pip = [str(INTERPRETER), "-m", "pip", "-qq", "--no-input", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--require-hashes", "--requirement", str(lock)], check=True)
    stamp.write_text(mark)


def is_whole() -> bool:
    """Whether the environment was made where it is now and has a Python and a pip that run."""
    here, pip = str(VENV.resolve()), [str(INTERPRETER), "-m", "pip", "--version"]
    if any(stamp.read_text().strip().partition(" ")[2] != here for stamp in VENV.glob("installed-*")):
        return False
    if not INTERPRETER.exists():
        return False
    return subprocess.run(pip, capture_output=True, check=False).returncode == 0


def main() -> int:
    """Install the lock file named in the arguments; returns the exit status."""
    reason = fault()
    if reason:
        print(reason, file=sys.stderr)
        return 1
    from embedded import private  # an old Python could not read it

    Path(".local").mkdir(exist_ok=True)
    with private.lock(Path(".local/install.lock"), wait=True):
        return _status(Path(sys.argv[1]))


def _status(lock: Path) -> int:
    try:
        install(lock)
    except subprocess.CalledProcessError as failed:
        print(f"Installing failed: {' '.join(failed.cmd)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
