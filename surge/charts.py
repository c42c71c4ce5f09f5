"""Charts of a rehearsal, drawn by the server as SVG without colours or words of their own. Pure.

The stylesheet gives the colours, so they are right in light, dark and print. Words stand beside the drawing as text: a
drawing is stretched to the width that there is, and letters in it would be too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final, Literal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 600, 200
PARTS: Final = 4  # of each axis, so that its marks lie at even distances
NICE: Final = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5, 8.0, 10.0)

Values = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Series:
    """A line; an area for what was expected; or bars for what should be none. `look` names it in the stylesheet; a
    value of None is a gap, in an area nothing."""

    look: str
    label: str
    values: Values
    shape: Literal["line", "area", "bars"] = "line"

    @property
    def peak(self) -> float:
        return max((value for value in self.values if value is not None), default=0.0)


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing with the marks of its axes, the highest first and the earliest first, and its key."""

    name: str
    drawing: SafeString
    up: list[str]
    along: list[str]
    key: list[tuple[SafeString, str]]


def picture(name: str, series: Sequence[Series], *, step: int = 1, limit: tuple[float, str] | None = None) -> Picture:
    """`name` says what it shows, for who does not see it. `step` is how many seconds lie between two values."""
    count = max((len(one.values) for one in series), default=0)
    long = ceil(max(count - 1, PARTS) / PARTS) * PARTS
    top = nice_top(max([one.peak for one in series] + ([limit[0] * 1.1] if limit else [])))
    drawn = [draw(one, long, top) for shape, draw in DRAWN_BY.items() for one in series if one.shape == shape]
    if limit:
        drawn.append(_level("report-limit", HEIGHT * (1 - limit[0] / top)))
    grid = format_html_join("", "{}", ((_level("report-grid", HEIGHT * part / PARTS),) for part in range(PARTS)))
    svg = format_html(
        '<svg class="report-drawing" role="img" aria-label="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">'
        "{}{}{}</svg>",
        name, WIDTH, HEIGHT, grid, _level("report-axis", HEIGHT), format_html_join("", "{}", ((one,) for one in drawn)),
    )  # fmt: skip
    keyed = [(one.look, one.label, one.shape != "line") for one in series]
    keyed += [("limit", limit[1], False)] if limit else []
    return Picture(
        name, svg, [_round(top * part / PARTS) for part in range(PARTS, -1, -1)],
        [clock(long * step * part // PARTS) for part in range(PARTS + 1)],
        [(_swatch(look, is_filled=is_filled), label) for look, label, is_filled in keyed],
    )  # fmt: skip


def bar(parts: Sequence[tuple[str, float]], top: float, *, limit: float | None = None) -> SafeString:
    """A bar in a row of a table, of these looks and lengths, one over the other, the longest first. The figures are
    beside it, so it says nothing to who does not see it."""
    rects = format_html_join(
        "", '<rect class="report-{}" x="0" y="2" width="{}" height="8"/>',
        ((look, _number(max(100 * length / top, 0.6))) for look, length in parts if length and top),
    )  # fmt: skip
    mark = format_html('<line class="report-limit" x1="{0}" y1="0" x2="{0}" y2="12"/>', _number(100 * limit / top)) if (
        limit is not None and 0 < limit <= top
    ) else SafeString("")  # fmt: skip
    return format_html(
        '<svg class="report-bar" aria-hidden="true" viewBox="0 0 100 12" preserveAspectRatio="none">{}{}</svg>',
        rects, mark,
    )  # fmt: skip


def clock(seconds: int) -> str:
    """45 s; from ten minutes on 12:30 or 1:05:00."""
    if seconds < 600:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def nice_top(most: float) -> float:
    """The least round number from which an axis can count down in four even parts; four for nothing."""
    if most <= PARTS:
        return float(PARTS)
    size = 10.0 ** floor(log10(most / PARTS))
    return next(part * size * PARTS for part in NICE if part * size * PARTS >= most * 0.999)


def _line(series: Series, long: int, top: float) -> SafeString:
    """A path with a gap where nothing is known; a value between two gaps is a dot."""
    path, is_down = [], False
    for place, value in enumerate(series.values):
        if value is not None:
            at = f"{_number(place * WIDTH / long)} {_number(HEIGHT * (1 - value / top))}"
            path.append(f"{'L' if is_down else 'M'}{at}" + ("" if is_down else "h0"))
        is_down = value is not None
    return format_html('<path class="report-line report-line-{}" d="{}"/>', series.look, "".join(path))


def _area(series: Series, long: int, top: float) -> SafeString:
    """From the axis up to the values."""
    ups = "".join(
        f"L{_number(place * WIDTH / long)} {_number(HEIGHT * (1 - (value or 0) / top))}"
        for place, value in enumerate(series.values)
    )
    last = _number(max(len(series.values) - 1, 0) * WIDTH / long)
    return format_html('<path class="report-fill-{0}" d="M0 {1}{2}L{3} {1}Z"/>', series.look, HEIGHT, ups, last)


def _bars(series: Series, long: int, top: float) -> SafeString:
    """What is not nothing can be seen."""
    wide = WIDTH / long
    rects = (
        (series.look, _number((place - 0.4) * wide), _number(HEIGHT - tall), _number(0.8 * wide), _number(tall))
        for place, value in enumerate(series.values) if value and (tall := max(HEIGHT * value / top, 3.0))
    )  # fmt: skip
    return format_html_join("", '<rect class="report-fill-{}" x="{}" y="{}" width="{}" height="{}"/>', rects)


def _level(look: str, y: float) -> SafeString:
    return format_html('<line class="{0}" x1="0" y1="{1}" x2="{2}" y2="{1}"/>', look, _number(y), WIDTH)


def _swatch(look: str, *, is_filled: bool) -> SafeString:
    """As the line looks, for the key."""
    if is_filled:
        inner = format_html('<rect class="report-fill-{}" x="4" y="1" width="16" height="8"/>', look)
    elif look == "limit":
        inner = SafeString('<line class="report-limit" x1="0" y1="5" x2="24" y2="5"/>')
    else:
        inner = format_html('<path class="report-line report-line-{}" d="M0 5L24 5"/>', look)
    return format_html('<svg class="report-swatch" aria-hidden="true" viewBox="0 0 24 10">{}</svg>', inner)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _round(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


# What is drawn later lies on top.
DRAWN_BY: Final = {"area": _area, "bars": _bars, "line": _line}
