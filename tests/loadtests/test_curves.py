"""Curves: how many come, when, and the same again from the same seed."""

from collections import Counter
from pathlib import Path

import pytest

from loadtests import curves


def drawn(curve: str, *, count: int = 2000, seconds: float = 600, factor: float = 1.0, seed: int = 7) -> list[float]:
    return curves.moments(curve, count=count, seconds=seconds, factor=factor, seed=seed)


def share_before(moments: list[float], second: float) -> float:
    return sum(moment < second for moment in moments) / len(moments)


@pytest.mark.parametrize("curve", curves.SHAPES)
def test_shape_has_everybody_in_order_and_in_time(curve: str) -> None:
    moments = drawn(curve)

    assert len(moments) == 2000
    assert moments == sorted(moments)
    assert moments[0] >= 0
    assert moments[-1] < 600


@pytest.mark.parametrize("curve", curves.SHAPES)
def test_shape_is_the_same_from_the_same_seed_and_another_from_another(curve: str) -> None:
    assert drawn(curve) == drawn(curve)
    assert drawn(curve) != drawn(curve, seed=8)


@pytest.mark.parametrize(
    ("curve", "second", "share"),
    [
        ("steady", 300, 0.5), ("ramp", 300, 0.25), ("spike", 60, 0.6), ("spike", 120, 0.84), ("waiting", 200, 0.7),
        ("waiting", 100, 0.175), ("waiting", 240, 0.88),
    ],
)  # fmt: skip
def test_shape_has_brought_its_share_by_a_second(curve: str, second: float, share: float) -> None:
    assert share_before(drawn(curve, count=20_000), second) == pytest.approx(share, abs=0.015)


def test_spike_of_one_minute_is_the_same_picture_in_less_time() -> None:
    assert share_before(drawn("spike", count=20_000, seconds=60), 6) == pytest.approx(0.6, abs=0.015)


def test_spike_of_an_hour_still_has_its_share_in_one_minute() -> None:
    assert share_before(drawn("spike", count=20_000, seconds=3600), 60) == pytest.approx(0.6, abs=0.015)


def write(folder: Path, text: str) -> str:
    path = folder / "curve.csv"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(("factor", "expected"), [(1, [7, 0, 18, 52]), (2, [14, 0, 36, 104])])
def test_csv_has_its_own_counts_times_the_factor(tmp_path: Path, factor: float, expected: list[int]) -> None:
    curve = write(tmp_path, "# a real one\nsecond,reservations\n0,7\n2,18\n3,52\n")

    seconds = Counter(map(int, drawn(curve, factor=factor)))

    assert [seconds[second] for second in range(4)] == expected


def test_csv_is_rounded_over_the_whole_and_not_each_second(tmp_path: Path) -> None:
    curve = write(tmp_path, "\n".join(f"{second},1" for second in range(100)))

    assert len(drawn(curve, factor=0.4)) == 40


@pytest.mark.parametrize("text", ["", "second,count\n0,0\n", "0;7\n", "0,-1\n", "-1,3\n", "0,many\n"])
def test_csv_that_is_no_curve_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(curves.NoCurve):
        curves.check(write(tmp_path, text))


def test_curve_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(curves.NoCurve, match="steady, ramp, waiting, spike"):
        curves.check("sipke")


@pytest.mark.parametrize("per_second", [0.5, 1, 20, 33.3])
def test_ceiling_is_kept_in_any_second_and_nobody_is_lost(per_second: float) -> None:
    moments = drawn("spike", count=200, seconds=10)

    capped = curves.capped(moments, per_second)

    window, most = (1.0, int(per_second)) if per_second >= 1 else (1 / per_second, 1)
    assert len(capped) == 200
    assert max(sum(start <= one < start + window - 1e-9 for one in capped) for start in capped) == most
    assert all(later >= meant for later, meant in zip(capped, moments, strict=True))


def test_without_a_ceiling_all_come_as_they_meant() -> None:
    moments = drawn("spike", count=200, seconds=10)

    assert curves.capped(moments, None) == moments
