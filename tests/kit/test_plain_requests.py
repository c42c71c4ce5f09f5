"""What is not as our own pages make it ends at the gate."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import Resolver404, resolve

from kit.plain_requests import utf8_middleware


@pytest.mark.parametrize("charset", ["rot13", "unicode_escape", "idna", "utf-16", "no-such"])
def test_form_is_read_as_utf8_whatever_it_claims(charset: str) -> None:
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.POST["name"])
        return HttpResponse()

    content_type = f"application/x-www-form-urlencoded; charset={charset}"
    utf8_middleware(view)(RequestFactory().generic("POST", "/", b"name=Zo%C3%AB", content_type))

    assert seen == ["Zoë"]


@pytest.mark.parametrize("token", ["a" * 65, "with space", "nul\x00", "ø", "a.b", ""])
def test_token_of_other_letters_is_no_address(token: str) -> None:
    with pytest.raises(Resolver404):
        resolve(f"/orders/{token}/details/")


@pytest.mark.parametrize("code", ["ABCD-EFGH-JKMN", "abcdefghjkmn", "ABCD EFGH JKMN"])
def test_code_may_be_as_a_person_types_it(code: str) -> None:
    assert resolve(f"/tickets/{code}/").kwargs == {"code": code}
