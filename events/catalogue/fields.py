"""Reads the keys of one JSON object. What is wrong is noted with its path, and a stand-in is given instead."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models

from events.catalogue import times
from events.catalogue.faults import Faults, joined

STAND_IN_TIME: Final = datetime(2000, 1, 1)  # noqa: DTZ001  -- a wall time has no zone
ABSENT: Final = object()
LAST_CONTROL: Final = 31
DELETE: Final = 127


class Object(dict[str, Any]):
    """A JSON object that remembers which of its keys were given more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated = [key for key, times_given in Counter(key for key, _ in pairs).items() if times_given > 1]


class Fields:
    """The keys of the object at `path`. Each is taken once; `finish` refuses what nobody took."""

    def __init__(self, value: object, path: str, faults: Faults) -> None:
        self.path = path
        self.faults = faults
        self._is_object = isinstance(value, Object)
        self._left: dict[str, Any] = dict(value) if isinstance(value, Object) else {}
        self._known: list[str] = []
        if isinstance(value, Object):
            for key in value.repeated:
                self.fault(key, "is given more than once")
        elif value is not ABSENT:
            faults.at(path, "must be an object, in curly brackets")

    def at(self, key: str) -> str:
        """The JSON path of `key`."""
        return joined(self.path, key)

    def fault(self, key: str, message: str) -> None:
        self.faults.at(self.at(key), message)

    def is_sound(self, *keys: str) -> bool:
        """Whether nothing was found wrong with any of these keys."""
        return self.faults.is_sound(*map(self.at, keys))

    def keys(self) -> list[str]:
        """The keys that nobody has taken yet."""
        return list(self._left)

    def take(self, key: str, *, required: bool = False) -> Any:
        """The value as JSON has it; None when it is null or not given, which is a fault when `required`."""
        self._known.append(key)
        value = self._left.pop(key, None)
        if value is None and required and self._is_object and self.is_sound(key):
            self.fault(key, "is missing")
        return value

    def inner(self, key: str) -> "Fields":
        """The keys of the required object at `key`. When it is missing, only that is noted, not each of its keys."""
        value = self.take(key, required=True)
        return Fields(ABSENT if value is None else value, self.at(key), self.faults)

    def text(
        self, key: str, *, most: int, default: str | None = None, lines: bool = False,
        check: Callable[[str], object] | None = None,
    ) -> str:  # fmt: skip
        """Text of at most `most` characters that `check` (a Django validator) accepts; required without `default`."""
        value = self.take(key, required=default is None)
        if value is None:
            return default or ""
        if not isinstance(value, str):
            self.fault(key, "must be text, in quotes")
        elif message := _unfit(value, most=most, lines=lines, blank=default is not None) or _refused(value, check):
            self.fault(key, message)
        else:
            return value
        return default or ""

    def whole(self, key: str, *, least: int = 0, most: int, default: int | None = None) -> int:
        """A whole number from `least` to `most`; required without `default`."""
        value = self.take(key, required=default is None)
        stand_in = least if default is None else default
        if value is None:
            return stand_in
        if type(value) is not int or value < least:
            self.fault(key, f"must be a whole number, {least} or more")
        elif value > most:
            self.fault(key, f"must be at most {most}")
        else:
            return value
        return stand_in

    def truth(self, key: str, *, default: bool) -> bool:
        """A true or false."""
        value = self.take(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.fault(key, "must be true or false")
        return default

    def choice(self, key: str, choices: type[models.TextChoices]) -> str | None:
        """One of the values of `choices`; None when not given."""
        value = self.take(key)
        if value is None or (isinstance(value, str) and value in choices.values):
            return value
        self.fault(key, f"must be one of {', '.join(choices.values)}")
        return None

    def wall_time(self, key: str) -> datetime:
        """A required time without a zone."""
        return self._time(key, times.wall_time, required=True) or STAND_IN_TIME

    def moment(self, key: str, zone: ZoneInfo) -> datetime | None:
        """An instant, written as a wall time in `zone` or with an offset; None when not given."""
        return self._time(key, lambda text: times.moment(text, zone), required=False)

    def items(self, key: str, *, most: int, required: bool = True) -> list[tuple[Any, str]]:
        """The members of a list of at most `most`, each with its JSON path."""
        value = self.take(key, required=required)
        if value is not None and not isinstance(value, list):
            self.fault(key, "must be a list, in square brackets")
        elif value is not None and len(value) > most:
            self.fault(key, f"must have at most {most} entries, and has {len(value)}")
        elif value is not None:
            return [(item, f"{self.at(key)}[{place}]") for place, item in enumerate(value)]
        return []

    def finish(self) -> None:
        """Refuse every key that was not taken, but for notes: keys that begin with `_`."""
        for key in self._left:
            if not key.startswith("_"):
                self.fault(key, f"is not a key of this object; those are {', '.join(self._known)}")

    def _time(self, key: str, read: Callable[[str], datetime], *, required: bool) -> datetime | None:
        value = self.take(key, required=required)
        if value is None:
            return None
        try:
            return read(value if isinstance(value, str) else "")
        except ValueError as fault:
            self.fault(key, str(fault))
            return None


def _unfit(text: str, *, most: int, lines: bool, blank: bool) -> str:
    """Why this text cannot be stored, or nothing."""
    if not blank and not text.strip():
        return "must not be empty"
    if len(text) > most:
        return f"must have at most {most} characters, and has {len(text)}"
    allowed = "\t\n\r" if lines else ""
    if any((ord(sign) <= LAST_CONTROL and sign not in allowed) or ord(sign) == DELETE for sign in text):
        return "must not have control characters" + ("" if lines else " or line breaks")
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        return "has half of a character (a lone surrogate)"
    return ""


def _refused(text: str, check: Callable[[str], object] | None) -> str:
    """What the validator says against this text, or nothing."""
    try:
        if check:
            check(text)
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    return ""
