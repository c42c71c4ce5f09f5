"""An organiser's accent colour, bent until it can be read.

Contrast is that of WCAG 2.2 (relative luminance, (L1 + 0.05) / (L2 + 0.05)).
"""

from colorsys import hls_to_rgb, rgb_to_hls
from typing import Final

Rgb = tuple[float, float, float]

WHITE: Final[Rgb] = (1.0, 1.0, 1.0)
LIGHT_PAGE: Final[Rgb] = (1.0, 1.0, 1.0)
DARK_PAGE: Final[Rgb] = (0.11, 0.11, 0.125)
READABLE: Final = 4.5


def parse(text: str) -> Rgb:
    """`4338ca` as three numbers from 0 to 1."""
    red, green, blue = (int(text[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def as_hex(colour: Rgb) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in colour)


def luminance(colour: Rgb) -> float:
    """WCAG's relative luminance of an sRGB colour."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG's contrast ratio, 1 to 21."""
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def readable_on(colour: Rgb, page: Rgb) -> Rgb:
    """The nearest lightness of `colour` that reads on `page`."""
    hue, lightness, saturation = rgb_to_hls(*colour)
    step = -0.01 if luminance(page) > 0.5 else 0.01
    while contrast(colour, page) < READABLE and 0 <= lightness + step <= 1:
        lightness += step
        colour = hls_to_rgb(hue, lightness, saturation)
    return colour
