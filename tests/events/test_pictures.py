"""An event's picture: what is taken, what is kept of it, how it is served and shown."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from PIL import Image as Pixels

from events.actions import pictures as acts
from events.models import Event, Image, Picture
from tests.makers import make_event, make_picture, make_user

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


def photo(size: tuple[int, int] = (800, 600), written_as: str = "JPEG", **how: Any) -> bytes:
    """Red on the left, blue on the right."""
    picture = Pixels.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    into = io.BytesIO()
    picture.save(into, written_as, **how)
    return into.getvalue()


def from_phone(turned: int) -> bytes:
    """With what telephones write into it: how it was held, whose it is, where."""
    facts = Pixels.Exif()
    facts[0x0112], facts[0x013B] = turned, "Ada Lovelace"
    facts.get_ifd(0x8825)[1] = "N"
    return photo((1200, 800), exif=facts, comment=b"at home")


def put(event: Event, upload: bytes, alt: str = "") -> Picture:
    return acts.put(event=event, upload=upload, alt=alt, by=make_user(), now=NOW)


def opened(content: bytes) -> Pixels.Image:
    return Pixels.open(io.BytesIO(content))


@pytest.mark.parametrize("written_as", ["JPEG", "PNG", "WEBP"])
def test_picture_is_written_anew_in_widths_that_are_not_larger_than_it(written_as: str) -> None:
    rendered = acts.render(photo((1000, 500), written_as))

    assert [opened(one).size for one in rendered.webp] == [(480, 240), (960, 480), (1000, 500)]
    assert {opened(one).format for one in rendered.webp} == {"WEBP"}
    assert (opened(rendered.jpeg).format, opened(rendered.jpeg).size) == ("JPEG", (1000, 500))


def test_large_picture_is_no_larger_than_pages_show_it() -> None:
    rendered = acts.render(photo((5000, 2500)))

    assert (rendered.width, rendered.height) == (1600, 800)
    assert opened(rendered.jpeg).size == (1200, 600)


def test_what_a_phone_writes_beside_the_picture_is_gone_and_the_picture_stands_upright() -> None:
    rendered = acts.render(from_phone(turned=6))  # held upright: to be turned by 90 degrees

    for content in (*rendered.webp, rendered.jpeg):
        found = opened(content)
        assert (dict(found.getexif()), [name for name in ("comment", "icc_profile") if found.info.get(name)]) == (
            {},
            [],
        )
        assert (found.height > found.width, b"Ada" in content) == (True, False)
    top, bottom = (opened(rendered.jpeg).getpixel((10, y)) for y in (10, rendered.height - 10))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[0] > 200, bottom[2] > 200) == (True, True)


def test_see_through_parts_are_white() -> None:
    into = io.BytesIO()
    Pixels.new("RGBA", (300, 300), (0, 0, 0, 0)).save(into, "PNG")

    rendered = acts.render(into.getvalue())

    assert opened(rendered.jpeg).getpixel((150, 150)) == (255, 255, 255)


HTML = b"<html><script>alert(1)</script></html>"
NOT_TAKEN: dict[str, bytes] = {
    "nothing": b"",
    "a page named .jpg": HTML,
    "a vector": b"<svg xmlns='http://www.w3.org/2000/svg' width='900' height='900'/>",
    "a GIF": photo(written_as="GIF"),
    "half of a picture": photo()[:2000],
    "a header that lies": b"\x89PNG\r\n\x1a\n" + HTML,
    "a bomb": photo((9000, 9000), "PNG"),  # 81 million pixels in 80 kB
    "a stamp": photo((60, 60)),
    "a ribbon": photo((4000, 210)),
    "more than 10 MB": b"\xff\xd8" + b"0" * acts.MOST_BYTES,
}


@pytest.mark.parametrize("upload", NOT_TAKEN.values(), ids=list(NOT_TAKEN))
def test_what_is_no_picture_for_a_page_is_refused_in_words(upload: bytes) -> None:
    with pytest.raises(acts.NotAPicture, match=r"\w+ \w+"):
        acts.render(upload)


def test_page_after_the_picture_is_not_kept() -> None:
    rendered = acts.render(photo() + HTML)

    assert [HTML in content for content in (*rendered.webp, rendered.jpeg)] == [False] * 4


@pytest.mark.django_db
def test_same_picture_of_two_events_is_kept_once() -> None:
    one, other = make_event(), make_event()

    put(one, photo())
    put(other, photo())
    put(other, photo())

    assert one.picture.small_id == other.picture.small_id
    assert Image.objects.count() == 3  # 480 wide, 800 wide, and the JPEG


@pytest.mark.django_db
def test_files_go_a_day_after_the_last_event_that_showed_them() -> None:
    one, other = make_event(), make_event()
    put(one, photo())
    put(other, photo((900, 300)))

    acts.remove(event=one, by=make_user(), now=NOW)
    counts = [acts.forget(now=NOW + timedelta(days=days, minutes=1)) for days in (0, 1, 1)]

    assert counts == [0, 3, 0]
    assert set(Image.objects.values_list("pk", flat=True)) == {
        other.picture.small_id, other.picture.large_id, other.picture.shared_id,
    }  # fmt: skip


@pytest.mark.django_db
def test_file_is_served_for_ever_to_anyone_as_what_it_is() -> None:
    picture = put(make_event(), photo())
    path = f"/assets/{picture.large_id}.webp"

    answer = Client().get(path)
    again = Client().get(path, headers={"If-None-Match": answer.headers["ETag"]})

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (answer.headers["X-Content-Type-Options"], answer.cookies, answer.headers.get("Vary")) == (
        "nosniff",
        {},
        None,
    )
    assert opened(answer.content).size == (800, 600)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.django_db
def test_unknown_file_and_wrong_ending_are_not_found() -> None:
    picture = put(make_event(), photo())

    paths = [f"/assets/{'0' * 64}.webp", f"/assets/{picture.large_id}.jpg", f"/assets/{picture.large_id}.svg"]

    assert [Client().get(path).status_code for path in paths] == [404, 404, 404]


@pytest.mark.django_db
def test_event_page_shows_it_with_its_size_and_shares_it() -> None:
    event = make_event(title="Fair")
    picture = make_picture(event=event, alt="A “tent” & a <stage>")

    page = Client().get(event.get_absolute_url()).content.decode()
    front = Client().get("/").content.decode()

    assert 'width="1600" height="900" alt="A “tent” &amp; a &lt;stage&gt;"' in page
    assert f'srcset="/assets/{picture.small_id}.webp 480w, /assets/{picture.medium_id}.webp 960w, ' in page
    assert '<meta property="og:image" content="http' in page
    assert f"/assets/{picture.shared_id}.jpg" in page
    assert (f"/assets/{picture.small_id}.webp" in front, len(page.encode()) < 100_000) == (True, True)
