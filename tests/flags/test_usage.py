"""Where flags are asked for is found, and agrees with what is declared: here, in this house."""

from pathlib import Path

import pytest
from django.utils.timezone import now

from flags import registry
from flags.usage import Use, uses, uses_in

PYTHON = """
import flags
from flags import flag_required, is_on, region

@flag_required("decorated")
def view(request, event):
    return flags.is_on("dotted", event) or is_on("bare", event) or is_on(name="named", event=event)

with flags.region("paid", event), region("bare-region", event):
    flags.used("marked", event)
used("not-a-flag")
other.is_on("not-a-flag", event)
grant.is_on
"is_on('in-a-text')"
"""
TEMPLATE = """{% load flags %}
{% flag "quoted" event %}{% endflag %}
{%flag 'single' event%}{% endflag %}
{% flagregion "region" event %}{% endflagregion %}
{# a word about flag "nothing" #}
"""


def test_every_way_of_asking_is_found(tmp_path: Path) -> None:
    (tmp_path / "views.py").write_text(PYTHON)
    (tmp_path / "page.html").write_text(TEMPLATE)
    (tmp_path / "style.css").write_text('{% flag "not-a-template" event %}')

    assert uses_in([tmp_path], top=tmp_path) == [
        Use("bare", "views.py:7"), Use("bare-region", "views.py:9"), Use("decorated", "views.py:5"),
        Use("dotted", "views.py:7"), Use("marked", "views.py:10"), Use("named", "views.py:7"),
        Use("paid", "views.py:9"), Use("quoted", "page.html:2"), Use("region", "page.html:4"),
        Use("single", "page.html:3"),
    ]  # fmt: skip


@pytest.mark.parametrize("call", ["flags.is_on(name, event)", "is_on(f'{one}-x', event)", "flag_required(NAME)"])
def test_name_that_is_not_written_out_is_noticed(tmp_path: Path, call: str) -> None:
    (tmp_path / "views.py").write_text(call)

    assert uses_in([tmp_path], top=tmp_path) == [Use("", "views.py:1")]


def test_rooms_and_templates_are_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr("flags.usage.uses_in", lambda folders, top: looked.extend(folder.name for folder in folders))

    uses()

    assert set(looked) == {"kit", "flags", "accounts", "events", "checkout", "organise", "surge", "templates"}


# The tags, the decorator and the regions themselves pass on the name that they were given.
PASSED_ON = {"flags/regions.py", "flags/requirement.py", "flags/templatetags/flags.py"}


def asked() -> list[Use]:
    return [use for use in uses() if use.place.split(":")[0] not in PASSED_ON]


def test_every_flag_that_is_asked_for_is_declared() -> None:
    assert [use for use in asked() if use.flag not in registry.declared()] == []


def test_every_flag_that_is_declared_is_asked_for() -> None:
    assert set(registry.declared()) - {use.flag for use in asked()} == set()


def test_no_declared_flag_is_past_its_end_and_all_agree() -> None:
    assert registry.expired(registry.declared(), at=now()) == []
    assert registry.faults(registry.declared()) == []
