"""An event's picture as pages show it: addresses that never change, and a size, so that nothing jumps."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import Http404

from events.models import Event, Image, Picture
from events.models.pictures import Format
from kit.bulkheads import browsing

WIDTHS: Final = (480, 960, 1600)
SHARED_WIDTH: Final = 1200
CONTENT_TYPES: Final[dict[str, str]] = {Format.WEBP: "image/webp", Format.JPEG: "image/jpeg"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture. `sources` are (address, width in pixels), smallest first; `width` and `height` the last one's."""

    alt: str
    width: int
    height: int
    sources: tuple[tuple[str, int], ...]
    shared_path: str

    @property
    def src(self) -> str:
        """For browsers that choose none themselves."""
        return self.sources[len(self.sources) // 2][0]

    @property
    def srcset(self) -> str:
        return ", ".join(f"{address} {width}w" for address, width in self.sources)

    @property
    def thumbnail(self) -> str:
        return self.sources[0][0]

    @property
    def shared_url(self) -> str:
        return f"{settings.SITE_URL}{self.shared_path}"

    @property
    def shared_width(self) -> int:
        return min(SHARED_WIDTH, self.width)

    @property
    def shared_height(self) -> int:
        return max(1, round(self.height * self.shared_width / self.width))


def address(sha256: str, ending: str) -> str:
    return f"/assets/{sha256}.{ending}"


def shown(event: Event) -> Shown | None:
    """The event's picture, if it has one; selected along (`picture`) it costs no query."""
    picture: Picture | None = getattr(event, "picture", None)
    if picture is None:
        return None
    named = zip(WIDTHS, (picture.small_id, picture.medium_id, picture.large_id), strict=True)
    sources = {min(width, picture.width): address(sha256, "webp") for width, sha256 in named}
    return Shown(
        alt=picture.alt, width=picture.width, height=picture.height,
        sources=tuple((path, width) for width, path in sources.items()),
        shared_path=address(picture.shared_id, "jpg"),
    )  # fmt: skip


@browsing()
def content(sha256: str, ending: str) -> bytes:
    """The bytes of one file. Raises Http404. One query; the edge keeps what it has fetched."""
    found = Image.objects.filter(pk=sha256, format=ending).values_list("content", flat=True).first()
    if found is None:
        raise Http404
    return bytes(found)
