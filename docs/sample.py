"""`make sample`: plays a rehearsal of the demo's fair on servers of its own, and keeps its report in docs/samples/.

The figures are of the machine that it runs on. `--draw` plays nothing: it draws the page anew from the figures that are
kept, after a change of the report.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from embedded import environment, ports, site  # noqa: E402  -- a script finds its rooms by the path above
from embedded.servers import throwaway  # noqa: E402  -- as above

SAMPLES = ROOT / "docs" / "samples"
PAGE, FIGURES = SAMPLES / "rehearsal.html", SAMPLES / "rehearsal.json"
EVENT = "meridian/nordic-craft-fair"
CROWD = ["--buyers", "240", "--seconds", "45", "--find-capacity"]
# So that there is something to say of flags.
GRANT = f"""
from django.utils.timezone import now
from events.models import Event
from flags.audit import signed
from flags.models import Flag, Grant
event = Event.objects.get(slug={EVENT.rpartition("/")[2]!r})
with signed(by=None, reason="Sample", now=now()):
    Grant.objects.create(flag=Flag.objects.get(name="waiting-list"), event=event, reason="Sample", created_at=now())
"""
DRAW = "import json, sys; from surge.report import file_of; sys.stdout.write(file_of(json.load(sys.stdin)))"


def manage(*arguments: str, variables: Mapping[str, str], given: str = "") -> str:
    """What the command printed. Raises CalledProcessError when it fails; a rehearsal that does not pass is none."""
    done = subprocess.run(  # noqa: S603  -- our own commands
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=dict(variables), input=given, stdout=subprocess.PIPE,
        text=True, check=arguments[0] != "rehearse",
    )  # fmt: skip
    return done.stdout


def play() -> None:
    """Play it, and keep page and figures."""
    SAMPLES.mkdir(exist_ok=True)
    port = ports.choose()
    with tempfile.TemporaryDirectory() as folder, throwaway(ROOT / ".local" / "sample") as addresses:
        local = Path(folder)
        variables = environment.for_site(port=port, addresses=addresses, local=local)
        site.prepare(variables, local)
        manage("shell", "-v", "0", "-c", GRANT, variables=variables)
        with site.running(port, addresses, variables, local):
            files = ["--report", str(PAGE), "--json", str(FIGURES)]
            sys.stdout.write(manage("rehearse", EVENT, *CROWD, *files, variables=variables))


def draw() -> None:
    """Draw the page anew from the figures that are kept; no server is needed."""
    variables = {**os.environ, "DJANGO_SETTINGS_MODULE": "tito.settings.test"}
    PAGE.write_text(manage("shell", "-v", "0", "-c", DRAW, variables=variables, given=FIGURES.read_text()))


if __name__ == "__main__":
    draw() if sys.argv[1:] == ["--draw"] else play()
