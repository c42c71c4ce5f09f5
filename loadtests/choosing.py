"""Which tickets a visitor picks, and what it takes instead when they are gone."""

import random
from collections.abc import Mapping, Sequence

from loadtests.pages import Row

Weights = Mapping[str, float] | None
QUANTITIES, QUANTITY_WEIGHTS = (1, 2, 3, 4), (45, 35, 10, 10)
SECOND_TYPE_SHARE = 0.15


def choose(rows: Sequence[Row], weights: Weights, draw: random.Random) -> dict[Row, int]:
    """Some of one ticket type, now and then of two, within what each row says that one order may have."""
    if not rows:
        return {}
    kinds = 2 if len(rows) > 1 and draw.random() < SECOND_TYPE_SHARE else 1
    count = draw.choices(QUANTITIES, QUANTITY_WEIGHTS)[0]
    return {row: max(row.least, min(count, row.most)) for row in draw.choices(rows, _weights(rows, weights), k=kinds)}


def choose_instead(
    rows: Sequence[Row], refused: Mapping[Row, int], weights: Weights, draw: random.Random
) -> dict[Row, int]:  # fmt: skip
    """As few as can be of another ticket type; one of the same where that was refused for more; or nothing."""
    names = {row.name for row in refused}
    others = [row for row in rows if row.name not in names]
    if not others and sum(refused.values()) > 1:
        others = [row for row in rows if row.least == 1]
    return {row: row.least for row in draw.choices(others, _weights(others, weights))} if others else {}


def _weights(rows: Sequence[Row], given: Weights) -> list[float]:
    """By the name in the row's field or by its label; what nobody has named is not wanted while there is else."""
    weights = [(given or {}).get(row.name, (given or {}).get(row.label, 0.0)) for row in rows]
    return weights if any(weights) else [1.0] * len(rows)
