"""Two layers in front of Postgres, and what is left of them when Redis is gone, silent, or answers errors."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from django.conf import settings as site
from django.core.cache import cache
from pytest_django import Settings

from kit.cache import ProcessLayer, get_or_build


class Builder:
    """Counts how often a value was built."""

    def __init__(self, value: object) -> None:
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


def test_value_is_built_once_while_it_is_kept() -> None:
    build = Builder({"seats": 3})

    values = [get_or_build("key", build, seconds=60) for _ in range(3)]

    assert values == [{"seats": 3}] * 3
    assert build.built == 1


def test_nothing_is_a_value_too() -> None:
    build = Builder(None)

    values = [get_or_build("nothing", build, seconds=60) for _ in range(2)]

    assert (values, build.built) == ([None, None], 1)


def test_value_lapses() -> None:
    build = Builder("value")
    get_or_build("key", build, seconds=60)
    cache.touch("key", 0)

    get_or_build("key", build, seconds=60)

    assert build.built == 2


def test_what_cannot_be_built_is_not_kept() -> None:
    def broken() -> object:
        raise LookupError

    with pytest.raises(LookupError):
        get_or_build("key", broken, seconds=60)

    assert get_or_build("key", lambda: "mended", seconds=60) == "mended"


def test_value_is_built_while_redis_is_gone(settings: Settings) -> None:
    point_at(settings, "redis://127.0.0.1:9/0")
    build = Builder("value")

    values = [get_or_build("key", build, seconds=60) for _ in range(2)]

    assert (values, build.built) == (["value", "value"], 2)


def test_value_is_built_while_redis_is_silent(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        point_at(settings, f"redis://127.0.0.1:{silent.getsockname()[1]}/0")

        value = get_or_build("key", Builder("value"), seconds=60)

    assert value == "value"


def test_value_is_built_while_redis_has_no_memory_left() -> None:
    build = Builder("value" * 1000)
    with configured(maxmemory="1", maxmemory_policy="noeviction"):
        values = [get_or_build("key", build, seconds=60) for _ in range(2)]

    assert values == ["value" * 1000] * 2
    assert build.built == 2


def test_value_is_built_while_redis_may_not_be_written() -> None:
    build = Builder("value")
    with configured(min_replicas_to_write="3"):
        values = [get_or_build("key", build, seconds=60) for _ in range(2)]

    assert (values, build.built) == (["value", "value"], 2)


def test_value_is_built_while_redis_wants_a_password(settings: Settings) -> None:
    scheme, _, rest = redis_url().partition("://")
    point_at(settings, f"{scheme}://:wrong@{rest.rpartition('@')[2]}")

    assert get_or_build("key", Builder("value"), seconds=60) == "value"


def test_value_that_cannot_be_read_back_is_built() -> None:
    build = Builder("value")
    with redis.Redis.from_url(redis_url()) as server:
        server.set(cache.make_key("key"), b"\x80\x05left by another release")

        value = get_or_build("key", build, seconds=60)

    assert (value, build.built) == ("value", 1)


def test_layer_keeps_a_value_for_as_long_as_asked() -> None:
    layer: ProcessLayer[str] = ProcessLayer()
    layer.put("short", "value", seconds=0)
    layer.put("long", "value", seconds=60)

    assert (layer.get("short"), layer.get("long"), layer.get("never")) == (None, "value", None)


def test_layer_forgets_when_told() -> None:
    layer: ProcessLayer[str] = ProcessLayer()
    layer.put("key", "value", seconds=60)

    layer.clear()

    assert layer.get("key") is None


def test_layer_is_bounded_and_drops_the_oldest_half() -> None:
    layer: ProcessLayer[int] = ProcessLayer(most=4)

    for number in range(5):
        layer.put(str(number), number, seconds=60)

    assert [layer.get(str(number)) for number in range(5)] == [None, None, 2, 3, 4]


def test_layer_drops_what_has_lapsed_before_what_has_not() -> None:
    layer: ProcessLayer[int] = ProcessLayer(most=4)
    layer.put("first", 1, seconds=60)
    for number in range(3):
        layer.put(f"lapsed {number}", number, seconds=0)

    layer.put("last", 2, seconds=60)

    assert (layer.get("first"), layer.get("last")) == (1, 2)


def test_layer_never_holds_more_than_its_bound() -> None:
    layer: ProcessLayer[int] = ProcessLayer(most=8)

    for number in range(1000):
        layer.put(str(number), number, seconds=60)
        assert len(layer._entries) <= 8
