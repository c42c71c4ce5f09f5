"""Pictures of a sale, drawn by the server without words or colours of their own: those are the stylesheet's. Pure."""

from collections.abc import Sequence
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 600, 160
BAR: Final = 200


def columns(name: str, values: Sequence[tuple[str, int]]) -> SafeString:
    """A column for each value, whose words are told when it is pointed at. `name` is for who does not see it."""
    top = max((value for _, value in values), default=0) or 1
    wide = WIDTH / max(len(values), 1)
    drawn = format_html_join(
        "", '<rect class="chart-column" x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>',
        (
            (_number((place + 0.1) * wide), _number(HEIGHT - tall), _number(wide * 0.8), _number(tall), words, value)
            for place, (words, value) in enumerate(values)
            if value > 0 and (tall := max(HEIGHT * value / top, 2.0))
        ),
    )  # fmt: skip
    return format_html(
        '<svg class="chart-drawing" role="img" aria-label="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">{}'
        '<line class="chart-axis" x1="0" x2="{}" y1="{}" y2="{}"/></svg>',
        name, WIDTH, HEIGHT, drawn, WIDTH, HEIGHT, HEIGHT,
    )  # fmt: skip


def filled(sold: int, held: int, capacity: int) -> SafeString:
    """How full a quota is. The figures are beside it, so it says nothing to who does not see it."""
    part = BAR / max(capacity, 1)
    return format_html(
        '<svg class="chart-bar" aria-hidden="true" viewBox="0 0 {} 10" preserveAspectRatio="none">'
        '<rect class="chart-room" width="{}" height="10"/><rect class="chart-sold" width="{}" height="10"/>'
        '<rect class="chart-held" x="{}" width="{}" height="10"/></svg>',
        BAR, BAR, _number(sold * part), _number(sold * part), _number(held * part),
    )  # fmt: skip


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
