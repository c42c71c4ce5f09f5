"""What a person reads whose Python or browser is not there, and when the environment is made anew."""

import sys
from pathlib import Path

import pytest

from embedded import browser, install


def test_an_old_python_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))

    status = install.main()

    assert status == 1
    assert capsys.readouterr().err.splitlines() == [
        f"Tito needs Python 3.11, and {sys.executable} is 3.9.2. Try: make run PYTHON=python3.12"
    ]


def test_a_python_without_venv_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)

    reason = install.fault()

    assert reason == f"{sys.executable} cannot make environments. On Debian: apt-get install python3-venv"


@pytest.mark.parametrize(
    ("made_at", "pip", "whole"),
    [
        ("here", "exit 0", True),
        ("elsewhere", "exit 0", False),
        ("here", "exit 1", False),
    ],
)
def test_an_environment_is_whole_where_it_was_made_and_if_its_pip_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made_at: str, pip: str, whole: bool
) -> None:
    folder = tmp_path / "a checkout"
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / install.INTERPRETER).write_text(f"#!/bin/sh\n{pip}\n")
    (folder / install.INTERPRETER).chmod(0o755)
    place = {"here": folder, "elsewhere": tmp_path}[made_at]
    (folder / ".venv/installed-run.txt").write_text(f"abc {place / '.venv'}\n")
    monkeypatch.chdir(folder)

    assert install.is_whole() is whole


def test_an_environment_without_its_python_is_not_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".venv").mkdir()
    monkeypatch.chdir(tmp_path)

    assert not install.is_whole()


def test_a_browser_is_found_by_any_of_its_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program = tmp_path / "chromium-browser"

    before = browser.find()
    program.touch(mode=0o755)

    assert before is None
    assert browser.find() == program


def test_a_missing_browser_is_told_in_one_line_where_it_cannot_be_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    status = browser.main()

    assert status == 1
    assert capsys.readouterr().err == f"{browser.ADVICE}\n"
    assert "\n" not in browser.ADVICE
