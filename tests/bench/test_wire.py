"""Answers found whole in what has arrived, however it comes in pieces."""

import gzip

import pytest

from bench import MeasurementFailed
from bench.wire import Answer, post, whole

WITH_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: x\r\n\r\nhello"
IN_CHUNKS = b"HTTP/1.1 409 Conflict\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsol\r\n6\r\nd out\n\r\n0\r\n\r\n"


@pytest.mark.parametrize(("sent", "status", "body"), [(WITH_LENGTH, 200, b"hello"), (IN_CHUNKS, 409, b"sold out\n")])
def test_answer_is_whole_at_its_last_byte_and_not_before(sent: bytes, status: int, body: bytes) -> None:
    early = [whole(sent[:length]) for length in range(len(sent))]

    answer = whole(sent)

    assert early == [None] * len(sent)
    assert answer is not None
    assert (answer.status, answer.body) == (status, body)


def test_chunk_that_contains_an_end_is_not_the_end() -> None:
    sent = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n0\r\n\r\n\r\n"

    assert whole(sent) is None


def test_answer_without_a_length_is_refused() -> None:
    with pytest.raises(MeasurementFailed):
        whole(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")


def test_answer_shows_its_headers_and_its_text() -> None:
    answer = Answer(
        200, b"HTTP/1.1 200 OK\r\nlocation: /orders/x/\r\nContent-Encoding: gzip\r\n\r\n", gzip.compress(b"hi")
    )

    assert (answer.header("Location"), answer.header("ETag"), answer.text) == ("/orders/x/", "", "hi")


def test_form_is_sent_as_a_page_of_the_site_sends_it() -> None:
    request = post("/orders/x/details/", 8000, {"full_name": "Ada L", "email": "a@b.example"})

    head, _, body = request.partition(b"\r\n\r\n")
    assert body == b"full_name=Ada+L&email=a%40b.example"
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"Origin: http://127.0.0.1:8000" in head
