"""The fake Stripe and the generator end with the command that has started them, also when it is killed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from embedded import processes

ROOT = Path(__file__).resolve().parents[2]
COMMAND = """
import sys, time
from pathlib import Path
from surge.processes import Generator, fake_stripe

with fake_stripe(webhook_url="http://127.0.0.1:1/", secret="whsec_x"):
    generator = Generator([sys.executable, "-m", "loadtests", sys.argv[1]], Path(sys.argv[2]))
    generator.hear()
    print("at work", flush=True)
    time.sleep(60)
"""


def family(pid: int) -> dict[int, str]:
    """All that a process has started, and they, by number, with when each began."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    found = {int(child): began(int(child)) for child in children}
    return found | {number: at for child in children for number, at in family(int(child)).items()}


def began(pid: int) -> str:
    """When a process began, or nothing if it has ended: its number may be somebody else's by then."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def test_nothing_is_left_running_when_the_command_is_killed(tmp_path: Path) -> None:
    plan = {"base": "http://127.0.0.1:1", "path": "/a/b/", "receipts": str(tmp_path / "receipts"), "curve": "steady",
            "buyers": 50, "seconds": 50}  # fmt: skip
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    command = [sys.executable, "-c", COMMAND, str(tmp_path / "plan.json"), str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:  # noqa: S603  -- our own
        assert started.stdout
        assert started.stdout.readline() == "at work\n"
        others = family(started.pid)

        os.kill(started.pid, signal.SIGKILL)

        assert len(others) == 4  # the fake, and the generator with its two processes
        assert processes.wait_until(lambda: all(began(pid) != at for pid, at in others.items()), within=30)
