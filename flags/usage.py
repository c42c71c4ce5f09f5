"""Where the code asks for flags: read from its text, in Python and in templates."""

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.apps import apps

from kit.sql import ROOT

PLAIN: Final = frozenset({"is_on", "flag_required"})  # nothing else is called so,
COMMON: Final = frozenset({"region", "used"})  # and these may be anything, where they are not imported from here
OURS: Final = frozenset({"flags", "flags.regions"})
TAG: Final = re.compile(r"\{%\s*flag(?:region)?\s+(?:\"([^\"]*)\"|'([^']*)')")


@dataclass(frozen=True, slots=True)
class Use:
    """A place that asks for a flag. Its name is empty where it is not written out, so that nobody can find it."""

    flag: str
    place: str


def uses() -> list[Use]:
    """Every place in our own rooms and templates."""
    rooms = [Path(config.path) for config in apps.get_app_configs() if Path(config.path).parent == ROOT]
    return uses_in([*rooms, ROOT / "templates"], top=ROOT)


def uses_in(folders: list[Path], *, top: Path) -> list[Use]:
    """Every place in these folders; places are named from `top`."""
    found = set()
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        read = {".py": _in_python, ".html": _in_template, ".txt": _in_template}.get(path.suffix)
        for name, line in read(path.read_text(encoding="utf-8")) if read else ():
            found.add(Use(name, f"{path.relative_to(top)}:{line}"))
    return sorted(found, key=lambda use: (use.flag, use.place))


def _in_python(text: str) -> Iterator[tuple[str, int]]:
    """Calls of `is_on`, `flag_required`, `region` and `used`, by whatever way they were imported."""
    if not any(f"{word}(" in text for word in PLAIN | COMMON):
        return
    tree = ast.parse(text)
    imported = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module in OURS
        for alias in node.names
    }  # fmt: skip
    names = PLAIN | (COMMON & imported)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_ours(node.func, names):
            first = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "name"), None)
            is_written_out = isinstance(first, ast.Constant) and isinstance(first.value, str)
            yield str(first.value) if isinstance(first, ast.Constant) and is_written_out else "", node.lineno


def _is_ours(called: ast.expr, names: Collection[str]) -> bool:
    if isinstance(called, ast.Attribute):
        return called.attr in PLAIN | COMMON and isinstance(called.value, ast.Name) and called.value.id == "flags"
    return isinstance(called, ast.Name) and called.id in names


def _in_template(text: str) -> Iterator[tuple[str, int]]:
    for tag in TAG.finditer(text):
        yield tag[1] or tag[2] or "", text.count("\n", 0, tag.start()) + 1
