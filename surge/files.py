"""Writes the report of a rehearsal to files: the page that needs nothing else, and all figures as JSON."""

import json
import os
from argparse import ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path

from surge import report
from surge.records import Record


def writable(text: str) -> Path:
    """A file's name from a command line, refused before anything is played if nothing can be written there."""
    path = Path(text)
    folder = path.resolve().parent
    if path.is_dir() or not folder.is_dir() or not os.access(path if path.exists() else folder, os.W_OK):
        raise ArgumentTypeError(f"nothing can be written to {text}")
    return path


def write(record: Record, *, html: Path | None = None, figures: Path | None = None) -> Iterator[Path]:
    """Write what is asked for, and name each file once it is whole. Raises OSError."""
    if html:
        html.write_text(report.file_of(record), encoding="utf-8")
        yield html
    if figures:
        figures.write_text(json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
        yield figures
