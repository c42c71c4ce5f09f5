"""The layer in Redis: one process builds, the others get the old copy, and Redis may be gone, silent or full."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from django.conf import settings as site
from django.core.cache import cache
from pytest_django import Settings

from kit import shared_copies
from kit.cache import Busy, OldOnly
from kit.shared_copies import Copy, get_or_build


class Builder:
    """Counts how often a value was built."""

    def __init__(self, value: object = "value") -> None:
        self.value, self.built = value, 0

    def __call__(self) -> object:
        self.built += 1
        return self.value


def redis_url() -> str:
    return str(site.CACHES["default"]["LOCATION"])


@contextmanager
def configured(**options: str) -> Iterator[None]:
    """The tests' own Valkey with other options (`maxmemory=…`), as before at the end."""
    with redis.Redis.from_url(redis_url()) as server:
        before = {name: server.config_get(name.replace("_", "-")) for name in options}
        try:
            for name, value in options.items():
                server.config_set(name.replace("_", "-"), value)
            yield
        finally:
            for old in before.values():
                for name, value in old.items():
                    server.config_set(name, value)


def point_at(settings: Settings, url: str) -> None:
    """The cache elsewhere, with short patience."""
    default: dict[str, Any] = site.CACHES["default"]
    options = {**default["OPTIONS"], "SOCKET_CONNECT_TIMEOUT": 0.1, "SOCKET_TIMEOUT": 0.1}
    settings.CACHES = {"default": {**default, "LOCATION": url, "OPTIONS": options}}


def value_of(key: str, build: Any, *, seconds: float = 60.0) -> object:
    return get_or_build(key, build, seconds=seconds).value


def leave(key: str, value: object, *, fresh_for: float) -> None:
    """A copy as another process has left it."""
    cache.set(key, Copy(value, time.time() + fresh_for, 0.0), timeout=600)


def test_value_is_built_once_while_it_is_fresh() -> None:
    build = Builder({"seats": 3})

    values = [value_of("key", build) for _ in range(3)]

    assert (values, build.built) == ([{"seats": 3}] * 3, 1)


def test_nothing_is_a_value_too_and_soon_forgotten() -> None:
    build = Builder(None)

    values = [value_of("nothing", build) for _ in range(2)]

    assert (values, build.built) == ([None, None], 1)
    assert 0 < cache.ttl("nothing") <= shared_copies.ABSENT_SECONDS  # type: ignore[attr-defined]


def test_lapsed_value_is_built_anew() -> None:
    leave("key", "old", fresh_for=-1)

    assert value_of("key", Builder("new")) == "new"


def test_lapsed_value_is_served_while_another_process_builds() -> None:
    leave("key", "old", fresh_for=-1)
    cache.add("key:claim", 1, timeout=60)
    build = Builder("new")

    made = get_or_build("key", build, seconds=60)

    assert (made.value, build.built) == ("old", 0)
    assert made.seconds == shared_copies.SOON_SECONDS


def test_absent_value_is_waited_for_while_another_process_builds() -> None:
    cache.add("key:claim", 1, timeout=60)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(value_of, "key", Builder("ours"))
        leave("key", "theirs", fresh_for=60)

    assert waiting.result() == "theirs"


def test_whoever_waits_takes_over_from_a_process_that_died() -> None:
    cache.add("key:claim", 1, timeout=0.1)

    assert value_of("key", Builder("ours")) == "ours"


def test_whoever_waits_too_long_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_copies, "WAIT_SECONDS", 0.05)
    cache.add("key:claim", 1, timeout=60)

    with pytest.raises(Busy):
        value_of("key", Builder())


def test_of_many_threads_one_builds() -> None:
    build, start = Builder(), threading.Barrier(8)

    def ask() -> object:
        start.wait()
        return value_of("key", build)

    with ThreadPoolExecutor(8) as pool:
        values = [one.result() for one in [pool.submit(ask) for _ in range(8)]]

    assert (values, build.built) == (["value"] * 8, 1)


def test_what_cannot_be_built_leaves_the_old_copy_in_service() -> None:
    def broken() -> object:
        raise LookupError

    leave("key", "old", fresh_for=-1)

    with pytest.raises(OldOnly) as found:
        value_of("key", broken)

    assert found.value.value == "old"
    assert value_of("key", broken) == "old"  # its claim stands: nobody tries again at once


def test_value_that_lapsed_long_ago_is_waited_for_a_moment() -> None:
    leave("key", "of an hour ago", fresh_for=-3000)
    cache.add("key:claim", 1, timeout=60)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(value_of, "key", Builder("ours"))
        leave("key", "new", fresh_for=60)

    assert waiting.result() == "new"


def test_value_that_lapsed_long_ago_is_shown_when_no_new_one_comes() -> None:
    leave("key", "of an hour ago", fresh_for=-3000)
    cache.add("key:claim", 1, timeout=60)

    assert value_of("key", Builder("ours")) == "of an hour ago"


def test_slow_maker_does_not_pass_for_new() -> None:
    def slow() -> str:
        time.sleep(0.05)
        return "of before"

    get_or_build("key", slow, seconds=0.01)

    assert value_of("key", Builder("of now"), seconds=60) == "of now"


def test_what_cannot_be_built_is_not_kept() -> None:
    def broken() -> object:
        raise LookupError

    with pytest.raises(LookupError):
        value_of("key", broken)
    cache.delete("key:claim")  # what time does in two seconds

    assert value_of("key", Builder("mended")) == "mended"


def test_value_that_took_long_is_built_before_its_time() -> None:
    due = sum(Copy("value", time.time() + 1.0, took=1.0).is_due() for _ in range(500))
    quick = sum(Copy("value", time.time() + 1.0, took=0.001).is_due() for _ in range(500))

    assert 100 < due < 270  # one in e
    assert quick == 0


def test_value_is_built_while_redis_is_gone_and_it_is_asked_once_a_second(settings: Settings) -> None:
    point_at(settings, "redis://127.0.0.1:9/0")
    build = Builder()

    values = [value_of("key", build) for _ in range(3)]

    assert (values, build.built) == (["value"] * 3, 3)
    assert shared_copies._away_until > time.monotonic()


def test_redis_that_is_silent_is_waited_for_once(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        point_at(settings, f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        began = time.monotonic()

        values = [value_of("key", Builder()) for _ in range(20)]

    assert values == ["value"] * 20
    assert time.monotonic() - began < 1.0  # not twenty times the patience of 0.1 s, thrice over


def test_redis_is_asked_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_copies, "_away_until", time.monotonic() + 60)
    build = Builder()
    value_of("key", build)
    monkeypatch.setattr(shared_copies, "_away_until", 0.0)

    values = [value_of("key", build) for _ in range(2)]

    assert (values, build.built) == (["value"] * 2, 2)


@pytest.mark.parametrize(
    "options", [{"maxmemory": "1", "maxmemory_policy": "noeviction"}, {"min_replicas_to_write": "3"}], ids=str
)
def test_value_is_built_while_redis_takes_none(options: dict[str, str]) -> None:
    build = Builder("value" * 1000)
    with configured(**options):
        values = [value_of("key", build) for _ in range(2)]

    assert (values, build.built) == (["value" * 1000] * 2, 2)


def test_value_is_built_while_redis_wants_a_password(settings: Settings) -> None:
    scheme, _, rest = redis_url().partition("://")
    point_at(settings, f"{scheme}://:wrong@{rest.rpartition('@')[2]}")

    assert value_of("key", Builder()) == "value"


@pytest.mark.parametrize("left", [b"\x80\x05left by another release", b"12", b"\x80\x05K\x01."])
def test_value_that_is_not_ours_is_built(left: bytes) -> None:
    build = Builder()
    with redis.Redis.from_url(redis_url()) as server:
        server.set(cache.make_key("key"), left)

        value = value_of("key", build)

    assert (value, build.built) == ("value", 1)
