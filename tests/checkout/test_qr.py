"""The QR code in the page is, module for module, the one that segno computes for the code."""

import re
import xml.etree.ElementTree as ET

import pytest
import segno

from checkout import qr

CODE = "ABCD-EFGH-JKMN"
SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  -- our own markup, not a stranger's


def painted(svg: str) -> list[bytes]:
    """The modules (1 is dark) that a browser paints, read back from the runs of the dark path."""
    root = parsed(svg)
    side = int(root.attrib["viewBox"].split()[2])
    grid = [bytearray(side) for _ in range(side)]
    dark = next(path for path in root.iter(f"{SVG}path") if path.get("fill") == "#000")
    for x, y, run, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", dark.attrib["d"]):
        assert run == back
        grid[int(y)][int(x) : int(x) + int(run)] = b"\x01" * int(run)
    return [bytes(row) for row in grid]


@pytest.mark.parametrize("code", [CODE, "A", "0123456789", "äöü " * 40])
def test_svg_paints_the_matrix_with_a_quiet_zone_of_four(code: str) -> None:
    expected = [bytes(row) for row in segno.make_qr(code, error="m").matrix_iter(border=4)]

    rows = painted(qr.svg(code))

    assert rows == expected
    assert not any(any(row) for row in (*rows[:4], *rows[-4:]))


def test_svg_of_a_ticket_code_is_the_smallest_and_survives_dirt() -> None:
    made = segno.make_qr(CODE, error="m")

    assert made.designator == "1-Q"
    assert len(painted(qr.svg(CODE))) == 21 + 8


def test_svg_is_black_on_white_and_named_without_inline_style() -> None:
    root = parsed(qr.svg(CODE))

    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title") == f"QR code of ticket {CODE}"
    assert [path.get("fill") for path in root.iter(f"{SVG}path")] == ["#fff", "#000"]
    assert all("style" not in element.attrib for element in root.iter())


def test_svg_escapes_what_it_is_given() -> None:
    root = parsed(qr.svg('<b>&"'))

    assert root.findtext(f"{SVG}title") == 'QR code of ticket <b>&"'
