"""Stripe's bracketed form encoding: `line_items[0][price_data][currency]=gbp&expand[]=payment_intent`.

`parse` makes a tree of dicts (lists stay dicts keyed by their index, since `metadata[7]` is no list);
`Params` reads the tree with Stripe's own refusals.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from fakestripe import errors

Tree = dict[str, Any]

KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
BRACKETS = re.compile(r"\[([^\[\]]*)\]")
LONGEST_TEXT = 5000


def parse(encoded: str) -> Tree:
    """A tree of dicts whose leaves are strings. Raises Refused for a key that no bracket rule explains."""
    tree: Tree = {}
    for key, value in parse_qsl(encoded, keep_blank_values=True):
        match = KEY.fullmatch(key)
        if match is None:
            raise errors.invalid(f"Invalid request: the parameter {key!r} is not well formed.", param=key)
        _place(tree, [match[1], *BRACKETS.findall(match[2])], value)
    return tree


def _place(tree: Tree, path: list[str], value: str) -> None:
    *branches, leaf = path
    for branch in branches:
        name = branch or str(len(tree))
        if not isinstance(tree.get(name), dict):
            tree[name] = {}
        tree = tree[name]
    tree[leaf or str(len(tree))] = value


@dataclass(frozen=True)
class Params:
    """One level of a request's parameters; `prefix` is how Stripe names this level in an error."""

    tree: Tree
    prefix: str = ""

    def named(self, key: str) -> str:
        """The full name of a parameter of this level, as in `line_items[0][quantity]`."""
        return f"{self.prefix}[{key}]" if self.prefix else key

    def only(self, *known: str) -> None:
        """Refuse whatever is not in `known`, as Stripe does."""
        for key in self.tree:
            if key not in known:
                name = self.named(key)
                raise errors.invalid(f"Received unknown parameter: {name}", name, "parameter_unknown")

    def text(self, key: str, longest: int = LONGEST_TEXT) -> str | None:
        """The string, or None when absent; an empty one is refused."""
        value, name = self.tree.get(key), self.named(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise errors.invalid(f"Invalid string: {name}", name)
        if not value:
            raise errors.invalid(_empty(name), name, "parameter_invalid_empty")
        if len(value) > longest:
            message = f"Invalid string: must be at most {longest} characters, not {len(value)}."
            raise errors.invalid(message, name)
        return value

    def needed(self, key: str) -> str:
        """The string, refused when absent."""
        value = self.text(key)
        if value is None:
            raise _missing(self.named(key))
        return value

    def choice(self, key: str, *allowed: str) -> str | None:
        """One of `allowed`, or None when absent."""
        value = self.text(key)
        if value is not None and value not in allowed:
            name = self.named(key)
            listed = f"{', '.join(allowed[:-1])}, or {allowed[-1]}" if len(allowed) > 1 else allowed[0]
            raise errors.invalid(f"Invalid {name}: must be one of {listed}", name)
        return value

    def integer(self, key: str, least: int | None = None) -> int | None:
        """A whole number of at least `least`, or None when absent."""
        value, name = self.text(key), self.named(key)
        if value is None:
            return None
        if not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise errors.invalid(f"Invalid integer: {value}", name, "parameter_invalid_integer")
        if least is not None and int(value) < least:
            message = f"This value must be greater than or equal to {least}."
            raise errors.invalid(message, name, "parameter_invalid_integer")
        return int(value)

    def whole(self, key: str, least: int) -> int:
        """A whole number of at least `least`, refused when absent."""
        value = self.integer(key, least)
        if value is None:
            raise _missing(self.named(key))
        return value

    def branch(self, key: str) -> "Params":
        """The level below `key`; an empty one when absent."""
        value, name = self.tree.get(key, {}), self.named(key)
        if not isinstance(value, dict):
            raise errors.invalid("Invalid object", name)
        return Params(value, name)

    def branches(self, key: str) -> list["Params"]:
        """The levels of a list of objects, in the order of their indexes."""
        level = self.branch(key)
        return [level.branch(index) for index in level.indexes()]

    def texts(self, key: str) -> list[str]:
        """A list of strings, in the order of their indexes; empty when absent."""
        level = self.branch(key)
        return [level.needed(index) for index in level.indexes()]

    def indexes(self) -> list[str]:
        """The keys of a list in order; a key that is no index is refused."""
        if not all(key.isdecimal() for key in self.tree):
            raise errors.invalid("Invalid array", self.prefix)
        return sorted(self.tree, key=int)

    def metadata(self) -> dict[str, str]:
        """The `metadata` of this level within Stripe's limits: 50 keys of 40 characters, values of 500."""
        level = self.branch("metadata")
        if len(level.tree) > 50:
            raise errors.invalid(
                f"You can only have up to 50 metadata keys, but you passed {len(level.tree)}.", level.prefix
            )
        for key, value in level.tree.items():
            _check_metadata(key, value, level.named(key))
        return {key: value for key, value in level.tree.items() if value}


def _check_metadata(key: str, value: Any, name: str) -> None:
    if not isinstance(value, str):
        raise errors.invalid("Metadata values must be strings.", name)
    if len(key) > 40:
        message = f"Metadata keys can have up to 40 characters, but you passed in one that is {len(key)}."
        raise errors.invalid(message, name)
    if len(value) > 500:
        message = f"Metadata values can have up to 500 characters, but you passed in one that is {len(value)}."
        raise errors.invalid(message, name)


def _missing(name: str) -> errors.Refused:
    return errors.invalid(f"Missing required param: {name}.", name, "parameter_missing")


def _empty(name: str) -> str:
    return (
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a"
        f" parameter; however '{name}' cannot be unset. You should remove '{name}' from your request or"
        " supply a non-empty value."
    )
