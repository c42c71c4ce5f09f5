"""One request and one answer, free of sockets, so that the rest of the fake is plain functions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from fakestripe import form
from fakestripe.errors import Refused
from fakestripe.objects import Json, new_id

JSON = "application/json"


@dataclass(frozen=True)
class Call:
    """A request: `path` without the query, `query` and `body` still encoded, header names in lower case."""

    method: str
    path: str
    query: str
    body: str
    headers: Mapping[str, str]
    request_id: str = field(default_factory=lambda: new_id("req_", 14))

    @cached_property
    def params(self) -> form.Params:
        """The parameters: the query of a GET, the body of anything else."""
        return form.Params(form.parse(self.query if self.method == "GET" else self.body))

    @property
    def api_key(self) -> str:
        """What follows `Bearer` in the Authorization header; empty when there is none."""
        scheme, _, key = (self.headers.get("authorization") or "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    @property
    def idempotency_key(self) -> str:
        """The Idempotency-Key header; empty when there is none."""
        return self.headers.get("idempotency-key") or ""


@dataclass
class Answer:
    """An answer; `dropped` means that the connection is cut instead of sending it."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON
    dropped: bool = False


def printed(record: Json, status: int = 200) -> Answer:
    """An object as Stripe prints it."""
    return Answer(status, json.dumps(record, indent=2))


def refusal(refused: Refused) -> Answer:
    """A refusal as Stripe prints it."""
    answer = printed(refused.body(), refused.status)
    answer.headers |= refused.headers
    return answer
