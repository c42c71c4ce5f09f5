"""Static files come from the disk, squeezed as the visitor takes them, kept for ever where their name says so."""

from collections.abc import Iterator

import pytest

from tests.embedded.visits import Answer, Front, front

FILES = {
    "css/page.css": "plain",
    "css/page.css.br": "as brotli",
    "css/page.css.gz": "as gzip",
    "css/page.0123456789ab.css": "hashed",
    "css/page.0123456789ab.css.gz": "hashed as gzip",
    "js/form.js": "script",
    "favicon.svg": "icon",
    "picture.png": "picture",
    "font.woff2": "font",
    "strange.xyz": "strange",
}
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_MINUTE = "public, max-age=60"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("static")
    for name, text in FILES.items():
        file = folder / "static" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o600)  # as under a strict umask
    with front(folder) as shop:
        yield shop


def facts(answer: Answer, *names: str) -> list[str | None]:
    return [answer.headers[name] for name in names]


@pytest.mark.parametrize(
    ("takes", "text", "encoding"),
    [
        ("", "plain", None),
        ("identity", "plain", None),
        ("gzip", "as gzip", "gzip"),
        ("gzip, deflate, br, zstd", "as brotli", "br"),
        ("br;q=0, gzip", "as gzip", "gzip"),
        ("br;q=0.0,gzip;q=0", "plain", None),
        ("br;q=0.5", "as brotli", "br"),
        ("brotli", "plain", None),
    ],
)
def test_a_file_is_sent_squeezed_as_the_visitor_takes_it(shop: Front, takes: str, text: str, encoding: str) -> None:
    answer = shop.visit("/static/css/page.css", Accept_Encoding=takes)

    assert (answer.status, answer.body.decode(), answer.edge) == (200, text, "DISK")
    assert facts(answer, "Content-Encoding", "Vary") == [encoding, "Accept-Encoding"]
    assert facts(answer, "Content-Type", "Cache-Control") == ["text/css; charset=utf-8", FOR_A_MINUTE]
    assert facts(answer, "Content-Length", "X-Content-Type-Options") == [str(len(text)), "nosniff"]


def test_a_file_with_its_digest_in_its_name_is_kept_for_ever(shop: Front) -> None:
    plain, squeezed, brotli = (
        shop.visit("/static/css/page.0123456789ab.css", Accept_Encoding=takes) for takes in ("", "gzip", "br, gzip")
    )

    assert [plain.body, squeezed.body, brotli.body] == [b"hashed", b"hashed as gzip", b"hashed as gzip"]
    assert {answer.headers["Cache-Control"] for answer in (plain, squeezed, brotli)} == {FOR_EVER}
    assert [answer.headers["Content-Encoding"] for answer in (plain, squeezed, brotli)] == [None, "gzip", "gzip"]


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("js/form.js", "text/javascript; charset=utf-8"),
        ("favicon.svg", "image/svg+xml; charset=utf-8"),
        ("picture.png", "image/png"),
        ("font.woff2", "font/woff2"),
        ("strange.xyz", "application/octet-stream"),
    ],
)
def test_a_file_without_squeezed_siblings_is_sent_plain_with_its_type(
    shop: Front, name: str, content_type: str
) -> None:
    answer = shop.visit(f"/static/{name}", Accept_Encoding="br, gzip")

    assert answer.body.decode() == FILES[name]
    assert facts(answer, "Content-Type", "Content-Encoding") == [content_type, None]


def test_each_form_of_a_file_has_its_own_tag_and_is_sent_once(shop: Front) -> None:
    forms = [shop.visit("/static/css/page.css", Accept_Encoding=takes) for takes in ("", "gzip", "br")]
    tags = [str(answer.headers["ETag"]) for answer in forms]

    again = [
        shop.visit("/static/css/page.css", Accept_Encoding=takes, If_None_Match=tag)
        for takes, tag in zip(("", "gzip", "br"), tags, strict=True)
    ]

    assert len(set(tags)) == 3
    assert [answer.status for answer in again] == [304, 304, 304]
    assert {answer.headers["Cache-Control"] for answer in again} == {FOR_A_MINUTE}


@pytest.mark.parametrize("path", ["css/none.css", "css", "css/", "", "css//", "page.css.br"])
def test_what_is_not_there_is_not_there(shop: Front, path: str) -> None:
    answer = shop.visit(f"/static/{path}", Accept_Encoding="br")

    assert (answer.status, answer.headers["Content-Encoding"]) == (404, None)


@pytest.mark.parametrize("path", ["../nginx.conf", "%2e%2e/nginx.conf", "css/..%2f..%2fnginx.conf", "a%00b"])
def test_nothing_outside_the_folder_can_be_had(shop: Front, path: str) -> None:
    answer = shop.visit(f"/static/{path}")

    assert answer.edge != "DISK"
    assert b"daemon off" not in answer.body


def test_a_file_can_be_asked_for_without_its_text_and_not_written(shop: Front) -> None:
    head, post = shop.visit("/static/js/form.js", "HEAD"), shop.visit("/static/js/form.js", "POST", b"")

    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "6")
    assert post.status == 405
