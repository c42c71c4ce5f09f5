"""On what, and with which code, a rehearsal was played: figures of different machines must not be mixed."""

import os
import platform
import shutil
import subprocess
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.db import connection

ROOT = Path(__file__).resolve().parents[1]


@cache
def commit() -> str:
    """The commit of this code, 40 hexadecimal digits; where there is no git, a digest of the code in its place."""
    return _git("rev-parse", "HEAD") or _digest()


def hardware() -> dict[str, Any]:
    """Cores, processor, memory, versions, and whether the code had changes that no commit has."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "processor": _processor(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgres": _postgres(),
        "uncommitted_changes": bool(_git("status", "--porcelain", "--untracked-files=no")),
    }


def _postgres() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    for line in known.read_text().splitlines() if known.exists() else ():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def _git(*arguments: str) -> str:
    """What git prints, or nothing where it is not there or does not know this folder."""
    git = shutil.which("git")
    if git is None:
        return ""
    done = subprocess.run([git, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603  -- git with our own words
    return done.stdout.strip() if done.returncode == 0 else ""


def _digest() -> str:
    digest = blake2b(digest_size=20)
    for path in sorted(ROOT.glob("*/**/*")):
        if path.suffix in {".py", ".sql", ".html", ".txt"} and path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()
