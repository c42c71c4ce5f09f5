"""Idempotency keys: the first answer under a key is the answer (https://docs.stripe.com/api/idempotent_requests).

The store's lock is held by the caller. A record is
`{"id", "path", "params", "answer", "request_id", "created"}`; `answer` is None until the first is answered.
"""

import hashlib
from itertools import takewhile

from fakestripe import errors
from fakestripe.calls import Answer, Call
from fakestripe.objects import Json
from fakestripe.store import Store

KEPT_SECONDS = 24 * 60 * 60
LONGEST_KEY = 255


def begin(store: Store, call: Call, now: int) -> Answer | None:
    """The saved answer to replay, or None with the key taken for this call.

    Raises Refused when the key is in use by another request right now, or came first with other parameters.
    """
    key = call.idempotency_key
    if len(key) > LONGEST_KEY:
        raise errors.invalid(f"Idempotency keys can be at most {LONGEST_KEY} characters long.")
    _forget_old(store, now)
    record = store["keys"].get(_name(call))
    if record is None:
        # Not `put`: a key without an answer means nothing after a restart, so it is not worth a write.
        store["keys"][_name(call)] = _record(call, now)
        return None
    if record["path"] != call.path:
        raise errors.other_endpoint(key, call.path, record["path"])
    if record["params"] != call.params.tree:
        raise errors.other_parameters(key)
    if record["answer"] is None:
        raise errors.key_in_use(key)
    headers = {"Idempotent-Replayed": "true", "Original-Request": record["request_id"]}
    return Answer(record["answer"]["status"], record["answer"]["body"], headers)


def end(store: Store, call: Call, answer: Answer, saved: bool) -> None:
    """Keep the answer under the call's key, or give the key back when it is of the kind that is not kept."""
    if saved:
        record = store["keys"][_name(call)]
        record["answer"] = {"status": answer.status, "body": answer.body}
        store.put("keys", record)
    else:
        give_back(store, call)


def give_back(store: Store, call: Call) -> None:
    """Free the key: the next request with it is the first."""
    store["keys"].pop(_name(call), None)
    store.changed()


def forget_unanswered(store: Store) -> None:
    """After a restart nobody is answering any more."""
    for name in [name for name, record in store["keys"].items() if record["answer"] is None]:
        del store["keys"][name]


def _name(call: Call) -> str:
    """Keys belong to the API key that used them, which is not to be written to a file."""
    return f"{hashlib.sha256(call.api_key.encode()).hexdigest()[:16]} {call.idempotency_key}"


def _record(call: Call, now: int) -> Json:
    return {
        "id": _name(call),
        "path": call.path,
        "params": call.params.tree,
        "answer": None,
        "request_id": call.request_id,
        "created": now,
    }


def _forget_old(store: Store, now: int) -> None:
    """Records are in the order of their making, so the old ones come first."""
    old = takewhile(lambda record: record["created"] <= now - KEPT_SECONDS, store["keys"].values())
    for record in list(old):
        del store["keys"][record["id"]]
