"""The hint about a likely slip in an e-mail address, and the silence about everything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import typos

REAL_DOMAINS = (
    *typos.HOSTS,
    "mail.com", "email.com", "ymail.com", "gmx.com", "gmx.net", "gmx.de", "web.de", "live.com", "msn.com",
    "aol.com", "me.com", "mac.com", "proton.me", "pm.me", "hey.com", "zoho.com", "mailbox.org", "posteo.de",
    "rocketmail.com", "hotmail.fr", "hotmail.gr", "hotmail.be", "outlook.de", "outlook.fr", "outlook.in",
    "yahoo.ca", "yahoo.de", "yahoo.fr", "yahoo.co.jp", "yahoo.com.br", "yahoo.gr", "cloud.com", "grail.com",
    "protonmail.ch", "t-online.de", "orange.fr", "orange.fi", "free.fr", "laposte.net", "libero.it",
    "comcast.com", "verizon.com", "qq.com", "163.com", "naver.com", "yandex.ru", "emfcamp.org", "bbc.co.uk",
    "example.com", "example.co.uk", "uni-bonn.de", "mit.edu", "nasa.gov", "company.co",
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ada@gmial.com", "ada@gmail.com"),
        ("ada@gmai.com", "ada@gmail.com"),
        ("ada@gmaill.com", "ada@gmail.com"),
        ("ada@gmail.co", "ada@gmail.com"),
        ("ada@gmail.con", "ada@gmail.com"),
        ("ada@gmial.con", "ada@gmail.com"),
        ("ada@gnail.com", "ada@gmail.com"),
        ("ada@gmail", "ada@gmail.com"),
        ("ada@yaho.com", "ada@yahoo.com"),
        ("ada@yahoo.co.ku", "ada@yahoo.co.uk"),
        ("ada@hotmial.com", "ada@hotmail.com"),
        ("ada@otmail.com", "ada@hotmail.com"),
        ("ada@outlok.com", "ada@outlook.com"),
        ("ada@iclod.com", "ada@icloud.com"),
        ("ada@bbc.couk", "ada@bbc.co.uk"),
        ("ada@example.con", "ada@example.com"),
        (" Ada.Lovelace+emf@GMIAL.com ", "Ada.Lovelace+emf@gmail.com"),
    ],
)
def test_suggest_names_the_address_that_was_meant(typed: str, meant: str) -> None:
    assert typos.suggest(typed) == meant


@pytest.mark.parametrize("domain", REAL_DOMAINS)
def test_suggest_says_nothing_of_a_real_domain(domain: str) -> None:
    assert typos.suggest(f"ada@{domain}") is None


@pytest.mark.parametrize("typed", ["", "@", "ada", "ada@", "@gmial.com", "gmial.com", "@@"])
def test_suggest_says_nothing_of_what_is_no_address(typed: str) -> None:
    assert typos.suggest(typed) is None


@given(st.text(max_size=300))
def test_suggest_keeps_the_local_part_whatever_is_typed(typed: str) -> None:
    meant = typos.suggest(typed)

    assert meant is None or meant.rpartition("@")[0] == typed.strip().rpartition("@")[0]


@given(st.sampled_from(typos.HOSTS), st.data())
def test_is_one_slip_knows_each_kind_of_slip(host: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(host) - 2))
    slips = {
        host[:at] + host[at + 1 :],
        host[:at] + "x" + host[at:],
        host[:at] + "x" + host[at + 1 :],
        host[:at] + host[at + 1] + host[at] + host[at + 2 :],
    } - {host}

    seen = {slip: typos.is_one_slip(slip, host) for slip in slips}

    assert seen == dict.fromkeys(slips, True)


@pytest.mark.parametrize("typed", ["gmail.com", "gmil.co", "xmail.cox", "mgial.com", "gmail.comxx", ""])
def test_is_one_slip_refuses_none_and_two(typed: str) -> None:
    assert typos.is_one_slip(typed, "gmail.com") is False
