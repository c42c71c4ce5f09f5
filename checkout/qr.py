"""The QR code of a ticket: the same characters that a person could type at the gate."""

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString

QUIET_ZONE = 4  # modules on every side, as ISO/IEC 18004 asks; scanners fail first where it is cut


def svg(code: str) -> SafeString:
    """An inline `<svg>` of `code`: black modules on white whatever the page's colours, without a size.

    The size is the style sheet's (or the attribute's of whoever embeds it); one unit of its view box is one
    module. Raises `segno.DataOverflowError` for a code that no QR code can hold.
    """
    rows = [bytes(row) for row in segno.make_qr(code, error="m").matrix_iter(border=QUIET_ZONE)]
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {side} {side}" role="img"'
        ' shape-rendering="crispEdges"><title>QR code of ticket {code}</title>'
        '<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{dark}"/></svg>',
        side=len(rows),
        code=code,
        dark=_dark(rows),
    )


def _dark(rows: list[bytes]) -> str:
    """Path data with one rectangle for each run of dark modules (1) in a row."""
    path = []
    for y, row in enumerate(rows):
        x = row.find(1)
        while x >= 0:
            end = row.find(0, x)  # the quiet zone ends every run
            path.append(f"M{x} {y}h{end - x}v1h-{end - x}z")
            x = row.find(1, end)
    return "".join(path)
