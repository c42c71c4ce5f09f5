"""Many durations in little room: how many fell between two bounds that are 2 % apart, and the longest exactly."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

GROWTH = math.log(1.02)
LEAST_MS = 0.01


@dataclass(slots=True)
class Histogram:
    """Durations in milliseconds. What it says of a share is at most 2 % too long, and never too short."""

    buckets: Counter[int] = field(default_factory=Counter)
    max_ms: float = 0.0

    @property
    def count(self) -> int:
        return self.buckets.total()

    def add(self, milliseconds: float) -> None:
        self.buckets[math.ceil(math.log(max(milliseconds, LEAST_MS) / LEAST_MS) / GROWTH)] += 1
        self.max_ms = max(self.max_ms, milliseconds)

    def merge(self, other: "Histogram") -> None:
        self.buckets.update(other.buckets)
        self.max_ms = max(self.max_ms, other.max_ms)

    def percentile(self, share: float) -> float:
        """The milliseconds that this share of them took at most (nearest rank); 0 when there are none."""
        rank, seen = math.ceil(share * self.count), 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen >= rank:
                return min(self.max_ms, LEAST_MS * math.exp(bucket * GROWTH))
        return 0.0

    def to_json(self) -> dict[str, Any]:
        return {"max_ms": self.max_ms, "buckets": dict(self.buckets)}

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        return cls(Counter({int(bucket): count for bucket, count in given["buckets"].items()}), given["max_ms"])
