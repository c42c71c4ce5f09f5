"""Gives every test run a Postgres and a Valkey of its own, or uses the ones it is pointed at.

A pytest plugin, named in pyproject.toml: the servers must be up before Django's settings are read,
and those are read before any conftest is. Any number of runs may go on at once.
"""

import os
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from embedded import Refused
from embedded.servers import throwaway

WHERE = Path(__file__).resolve().parents[1] / ".local" / "test-servers"
started = ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Start the servers for as long as pytest runs.

    As a wrapper this comes before pytest-django's own hook, which reads the settings.
    """
    options = early_config.known_args_namespace
    if not (options.help or options.version):
        try:
            addresses = started.enter_context(throwaway(WHERE))
        except Refused as reason:
            raise pytest.UsageError(str(reason)) from reason
        os.environ.update(addresses.environment())
        early_config.add_cleanup(started.close)
    return (yield)
