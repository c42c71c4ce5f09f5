"""wrk, where it is installed: it costs the machine less than our own load, so its rates are nearer to the truth."""

import re
import shutil
import subprocess

from bench import MeasurementFailed
from embedded.ports import HOST


def is_installed() -> bool:
    """Whether there is one."""
    return shutil.which("wrk") is not None


def per_second(port: int, path: str, *, connections: int, seconds: float) -> float:
    """Requests a second for one page, asked for as browsers that take gzip do. Raises MeasurementFailed."""
    command = [
        "wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{max(1, round(seconds))}s",
        "--header", "Accept-Encoding: gzip", f"http://{HOST}:{port}{path}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rate = re.search(r"Requests/sec: +([\d.]+)", done.stdout)
    if not rate or "Non-2xx" in done.stdout:
        raise MeasurementFailed(f"wrk failed:\n{done.stdout}{done.stderr}")
    return float(rate[1])
