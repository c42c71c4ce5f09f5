"""The limits of docs/contributors/style.md that no linter counts. They are there to make you think of a better cut."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILE_LINES, TEST_FILE_LINES, FUNCTION_LINES, TEMPLATE_LINES, ELEMENT_LINES = 300, 500, 40, 120, 80

# Path to reason. An entry is a debt that was looked at, not a way around.
LONGER_FILES: dict[str, str] = {}


def tracked(*patterns: str) -> list[Path]:
    """Files that git tracks or would, by pattern, without migrations and what others wrote."""
    listed = subprocess.run(  # noqa: S603  -- git with our own words
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],  # noqa: S607  -- git is on the path
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    paths = {ROOT / name for name in listed if "/migrations/" not in name and "/vendor/" not in name}
    return sorted(path for path in paths if path.exists())


PYTHON = tracked("*.py")
TEMPLATES = tracked("templates/*.html", "templates/*.txt")
SCRIPTS = tracked("static/js/*.js")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_the_walk_finds_the_house() -> None:
    assert ROOT / "checkout/actions/holds.py" in PYTHON
    assert len(TEMPLATES) > 10
    assert SCRIPTS


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_python_file_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text()
    most = TEST_FILE_LINES if name(path).startswith("tests/") else FILE_LINES

    assert len(text.splitlines()) <= most or name(path) in LONGER_FILES
    assert ast.get_docstring(ast.parse(text)) or not text.strip()


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_functions_are_short(path: Path) -> None:
    long = {f.name: f.end_lineno - f.lineno + 1 for f in functions(path) if f.end_lineno}

    assert {function: lines for function, lines in long.items() if lines > FUNCTION_LINES} == {}


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_an_exception_to_a_rule_has_its_rule_and_reason(path: Path) -> None:
    bare = [line for line in path.read_text().splitlines() if re.search(r"# noqa(?!: [A-Z]+[0-9]+.*  -- \w)", line)]

    assert [line for line in bare if "re.search" not in line] == []


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_file_has_a_topic_for_a_name(path: Path) -> None:
    assert path.stem not in {"utils", "helpers", "misc", "common", "services", "signals"}


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_template_is_short_and_has_nothing_inline(path: Path) -> None:
    text = path.read_text()
    is_mail = "/mail/" in name(path)

    assert len(text.splitlines()) <= TEMPLATE_LINES
    assert re.findall(r"\son[a-z]+\s*=\s*[\"']", text) == []
    assert re.findall(r"<script(?![^>]*(?:\bsrc=|application/ld\+json))", text) == []
    assert is_mail or re.findall(r"<style|\sstyle=", text) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_script_is_short_and_says_what_it_is_for(path: Path) -> None:
    lines = path.read_text().splitlines()

    assert len(lines) <= ELEMENT_LINES
    assert lines[0].startswith(("//", "/*"))


def test_nothing_is_left_undone() -> None:
    words = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError|pytest\.mark\.(skip|xfail)\b")

    found = [name(path) for path in PYTHON if path != Path(__file__) and words.search(path.read_text())]

    assert found == []


def test_no_page_asks_another_origin() -> None:
    asked = re.compile(r"""(?:src|href)=["']https?://(?!schema\.org)""")

    found = [name(path) for path in TEMPLATES if "/mail/" not in name(path) and asked.search(path.read_text())]

    assert found == []
