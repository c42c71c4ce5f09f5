"""Putting a picture on an event's page, and taking it off.

What is uploaded is never kept or served: it is read as a picture, and written anew in a few widths, without what
cameras and telephones put beside it (place, time, owner).
"""

import io
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from django.db import transaction
from PIL import Image as Pixels
from PIL import ImageCms, ImageOps

from accounts.actions import log
from accounts.models import User
from events.models import Event, Image, Picture
from events.models.pictures import Format
from events.pictures import SHARED_WIDTH, WIDTHS

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_PIXELS: Final = 40_000_000
LEAST_WIDTH: Final = 200
READ: Final = ("JPEG", "PNG", "WEBP")
FLATTEST: Final = 8  # times as wide as high, or as high as wide
KEPT: Final = timedelta(days=1)  # images that nobody shows any more: pages that show them are still open
ROWS_AT_ONCE: Final = 100
# A picture may take 200 MB while it is read, so that a process reads one at a time.
_one_at_a_time = threading.Lock()


class NotAPicture(Exception):
    """What was uploaded is not taken; the message says why, to whoever uploaded it."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One picture in all its files; `width` and `height` are those of the largest WebP."""

    width: int
    height: int
    webp: tuple[bytes, ...]
    jpeg: bytes


def put(*, event: Event, upload: bytes, alt: str, by: User, now: datetime) -> Picture:
    """Show this picture, in place of any other. Raises NotAPicture. Twice the same changes nothing."""
    rendered = render(upload)
    with transaction.atomic():
        names = dict(zip(("small_id", "medium_id", "large_id", "shared_id"), _keep(rendered, now), strict=True))
        values = {"alt": alt, "width": rendered.width, "height": rendered.height, **names}
        picture, _ = Picture.objects.update_or_create(event=event, defaults=values)
        said = f"Put a picture of {rendered.width} by {rendered.height} pixels on the page."
        log.record(organiser=event.organiser, event=event, by=by, kind="picture-changed", said=said, now=now)
    return picture


@transaction.atomic
def describe(*, event: Event, alt: str, by: User, now: datetime) -> None:
    """Say what is to be seen on it, for those who do not see it."""
    if Picture.objects.filter(event=event).exclude(alt=alt).update(alt=alt):
        said = f"Described the picture as “{alt}”." if alt else "Took the picture's description away."
        log.record(organiser=event.organiser, event=event, by=by, kind="picture-described", said=said, now=now)


@transaction.atomic
def remove(*, event: Event, by: User, now: datetime) -> None:
    """Take the picture off the page. Its files go a day later."""
    if Picture.objects.filter(event=event).delete()[0]:
        said = "Took the picture off the page."
        log.record(organiser=event.organiser, event=event, by=by, kind="picture-removed", said=said, now=now)


def forget(*, now: datetime) -> int:
    """Delete files that no picture has, a day after they came; answers how many. One that is just shown again stays."""
    with transaction.atomic():
        shown = Picture.objects.values_list("small", "medium", "large", "shared")
        used = {sha for row in shown.iterator() for sha in row}
        unused = Image.objects.filter(created_at__lt=now - KEPT).exclude(pk__in=used).order_by("pk")
        rows = list(unused.select_for_update(skip_locked=True).values_list("pk", flat=True)[:ROWS_AT_ONCE])
        return Image.objects.filter(pk__in=rows).delete()[0] if rows else 0


def render(upload: bytes) -> Rendered:
    """All files of a picture. Raises NotAPicture for what is none, too large, or would not fit a page."""
    if len(upload) > MOST_BYTES:
        raise NotAPicture("The picture is larger than 10 MB. Choose a smaller one.")
    with _one_at_a_time:
        return _render(_read(upload))


def _read(upload: bytes) -> Pixels.Image:
    """Upright, in sRGB, without metadata, and no larger than pages show it."""
    try:
        with Pixels.open(io.BytesIO(upload), formats=READ) as found:
            _refuse(found.size)
            found.draft("RGB", (2 * WIDTHS[-1], 2 * WIDTHS[-1]))  # a large JPEG need not be read whole
            upright = ImageOps.exif_transpose(found)
    except NotAPicture:
        raise
    except Exception as fault:  # what a broken file makes a decoder raise has no common name
        raise NotAPicture("This file cannot be read as a picture. Choose a JPEG, PNG or WebP.") from fault
    upright.thumbnail((WIDTHS[-1], WIDTHS[-1] * FLATTEST))
    return _plain(upright)


def _refuse(size: tuple[int, int]) -> None:
    """By what the file says of its size, before it is unpacked."""
    width, height = size
    if width * height > MOST_PIXELS:
        raise NotAPicture("The picture has more than 40 million pixels. Choose a smaller one.")
    if min(width, height) < LEAST_WIDTH:
        raise NotAPicture(f"The picture is smaller than {LEAST_WIDTH} pixels. Choose a larger one.")
    if max(width, height) > FLATTEST * min(width, height):
        raise NotAPicture("The picture is too long and thin for a page. Cut it, then try again.")


def _plain(picture: Pixels.Image) -> Pixels.Image:
    """Its colours alone, on white where it is transparent."""
    profile = picture.info.get("icc_profile")
    if picture.mode in {"RGBA", "LA", "PA", "P"} or "transparency" in picture.info:
        shaped = picture.convert("RGBA")
        flat = Pixels.new("RGB", shaped.size, "white")
        flat.paste(shaped, mask=shaped.getchannel("A"))
    else:
        flat = _in_srgb(picture, profile)
    made = Pixels.new("RGB", flat.size)
    made.paste(flat)
    return made


def _in_srgb(picture: Pixels.Image, profile: bytes | None) -> Pixels.Image:
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):  # a profile that cannot be used says nothing
            converted = None
        if converted is not None:
            return converted
    return picture.convert("RGB")


def _render(picture: Pixels.Image) -> Rendered:
    webp = tuple(_written(picture, width, "WEBP", quality=80, method=4) for width in WIDTHS)
    jpeg = _written(picture, SHARED_WIDTH, "JPEG", quality=82, progressive=True, optimize=True)
    return Rendered(picture.width, picture.height, webp, jpeg)


def _written(picture: Pixels.Image, width: int, written_as: str, **how: object) -> bytes:
    fitting = picture
    if picture.width > width:
        height = max(1, round(picture.height * width / picture.width))
        fitting = picture.resize((width, height), Pixels.Resampling.LANCZOS)
    into = io.BytesIO()
    fitting.save(into, written_as, **how)
    return into.getvalue()


def _keep(rendered: Rendered, now: datetime) -> list[str]:
    """Keep these files, the same bytes once; answers their names, the JPEG's last. In one statement, by name, so that
    two uploads cannot lock each other out. What was kept before is as good as new: nobody forgets it meanwhile."""
    files = [(content, Format.WEBP) for content in rendered.webp] + [(rendered.jpeg, Format.JPEG)]
    names = [sha256(content).hexdigest() for content, _ in files]
    images = {
        name: Image(sha256=name, format=written_as, content=content, created_at=now)
        for name, (content, written_as) in sorted(zip(names, files, strict=True), key=lambda one: one[0])
    }
    Image.objects.bulk_create(
        images.values(), update_conflicts=True, unique_fields=["sha256"], update_fields=["created_at"]
    )
    return names
