"""Pools: which slug each has, and which of them a ticket type means when it mentions one."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.text import slugify

from accounts.models import validate_slug
from events.catalogue.faults import Faults
from events.catalogue.fields import Fields
from events.catalogue.format import MOST_CAPACITY, MOST_POOLS, MOST_POOLS_PER_TYPE, Pool
from events.catalogue.model_facts import longest
from events.models import Quota

LONGEST_SLUG: Final = longest(Quota, "slug")


class Pools:
    """The pools of one file, and the rule by which ticket types mention them.

    The n-th mention of a name in one ticket type means the n-th pool of that name. What is no pool's
    name may be a slug. So that this never has two answers, a slug that is also a name must belong to
    the first pool of that name.
    """

    def __init__(self, fields: Fields) -> None:
        self._faults = fields.faults
        rows = [_read(Fields(item, path, fields.faults)) for item, path in fields.items("pools", most=MOST_POOLS)]
        self._are_sound = all(fields.faults.is_sound(f"{row.path}.name", f"{row.path}.slug") for row in rows)
        slugs = _slugs(rows, fields.faults)
        self.all = tuple(
            Pool(slug=slug, name=row.name, capacity=row.capacity) for slug, row in zip(slugs, rows, strict=True)
        )
        self._places = {pool.slug: place for place, pool in enumerate(self.all)}
        self._by_name = slugs_by_name(self.all)

    def mentioned(self, fields: Fields) -> tuple[str, ...]:
        """The slugs that the list `pools` of a ticket type means, in the order of the pools."""
        seen: Counter[str] = Counter()
        found: set[str] = set()
        for mention, path in fields.items("pools", most=MOST_POOLS_PER_TYPE, required=False):
            slug = self._meant(mention, path, seen)
            if slug in found:
                self._faults.at(path, f'draws on "{slug}" twice')
            found |= {slug} if slug else set()
        return tuple(sorted(found, key=lambda slug: self._places[slug]))

    def _meant(self, mention: object, path: str, seen: Counter[str]) -> str:
        """The slug of the pool that this mention means; empty when there is none, which is noted."""
        if not isinstance(mention, str):
            self._faults.at(path, "must be the name or slug of a pool, in quotes")
            return ""
        if mention in self._by_name:
            place = seen[mention]
            seen[mention] += 1
            named = self._by_name[mention]
            if place < len(named):
                return named[place]
            self._faults.at(path, f'"{mention}" is mentioned {place + 1} times; pools of that name: {len(named)}')
        elif mention in self._places:
            return mention
        elif self._are_sound:
            self._faults.at(path, f'no pool has the name or slug "{mention[:100]}"')
        return ""


def mentioner(pools: Sequence[Pool]) -> Callable[[Collection[str]], list[str]]:
    """A function that says how a ticket type that draws on these slugs mentions them.

    By name where that says it, else by slug; in the order of the pools.
    """
    by_name = slugs_by_name(pools)
    places = {pool.slug: place for place, pool in enumerate(pools)}

    def mentions(slugs: Collection[str]) -> list[str]:
        drawn = [pools[place] for place in sorted(places[slug] for slug in slugs)]
        plain = {name for name, some in slugs_by_name(drawn).items() if by_name[name][: len(some)] == some}
        return [pool.name if pool.name in plain else pool.slug for pool in drawn]

    return mentions


def slugs_by_name(pools: Iterable[Pool]) -> dict[str, list[str]]:
    """The slugs of the pools of each name, in order."""
    named: defaultdict[str, list[str]] = defaultdict(list)
    for pool in pools:
        named[pool.name].append(pool.slug)
    return dict(named)


@dataclass(frozen=True)
class _Row:
    """A pool as the file has it; `slug` is empty when the file gives none."""

    path: str
    name: str
    slug: str
    capacity: int


def _read(fields: Fields) -> _Row:
    name = fields.text("name", most=longest(Quota, "name"))
    slug = fields.text("slug", most=LONGEST_SLUG, default="", check=validate_slug)
    capacity = fields.whole("capacity", most=MOST_CAPACITY)
    fields.finish()
    return _Row(fields.path, name, slug, capacity)


def _slugs(rows: list[_Row], faults: Faults) -> list[str]:
    """Each row's slug: the one given, which must be free, else one made from its name."""
    first_of: dict[str, int] = {}
    for place, row in enumerate(rows):
        first_of.setdefault(row.name, place)
    taken: dict[str, int] = {}
    for place, row in enumerate(rows):
        if row.slug in taken:
            faults.at(f"{row.path}.slug", f'"{row.slug}" is already the slug of pools[{taken[row.slug]}]')
        elif row.slug:
            taken[row.slug] = place
            if first_of.get(row.slug, place) != place:
                faults.at(f"{row.path}.slug", f"is also the name of pools[{first_of[row.slug]}]: a mention is unclear")
    return [row.slug or _make_slug(place, row.name, taken, first_of) for place, row in enumerate(rows)]


def _make_slug(place: int, name: str, taken: dict[str, int], first_of: dict[str, int]) -> str:
    """A slug from the name; with -2, -3 … behind it where it is taken or would be mistaken for another's name."""
    base = slugify(name.replace("_", "-"))[: LONGEST_SLUG - 5].strip("-") or "pool"
    count = 1
    while (slug := base if count == 1 else f"{base}-{count}") in taken or first_of.get(slug, place) != place:
        count += 1
    taken[slug] = place
    return slug


def pool_of(quota: Quota) -> Pool:
    """The pool that a quota, with its stock at hand, is in a catalogue."""
    return Pool(slug=quota.slug, name=quota.name, capacity=quota.stock.capacity)
