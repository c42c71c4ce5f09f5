"""The door of the API: who calls, what befalls the call, and whether it was answered before."""

from fakestripe import endpoints, errors, idempotency, sessions
from fakestripe.calls import Answer, Call, printed, refusal
from fakestripe.context import Context
from fakestripe.faults import Ordeal
from fakestripe.objects import API_VERSION

TEST_KEYS = ("sk_test_", "rk_test_")


def answer(context: Context, call: Call) -> Answer:
    """Answer one API call; waits inside when a delay is ordered, never with the store's lock held."""
    try:
        _check_key(context, call)
        ordeal = context.faults.take(call.method, call.path)
        if ordeal.status in (403, 429, 503):
            raise errors.trouble(ordeal.status)
        given = _once(context, call, ordeal) if call.method == "POST" else _perform(context, call, ordeal)
        given.dropped = ordeal.dropped
    except errors.Refused as refused:
        given = refusal(refused)
    given.headers |= {"Request-Id": call.request_id, "Stripe-Version": _version(call)}
    if call.idempotency_key:
        given.headers["Idempotency-Key"] = call.idempotency_key
    return given


def _check_key(context: Context, call: Call) -> None:
    key = call.api_key
    if not key:
        raise errors.no_key()
    right = key == context.key if context.key else key.startswith(TEST_KEYS)
    if not right:
        raise errors.wrong_key(key)


def _once(context: Context, call: Call, ordeal: Ordeal) -> Answer:
    """Answer a POST, or replay the answer that its idempotency key had before.

    Trying again after a kept 5xx is in vain, and Stripe's answer says so to its own client library.
    """
    if not call.idempotency_key:
        return _perform(context, call, ordeal)
    with context.store.transaction():
        replay = idempotency.begin(context.store, call, int(context.clock.now()))
    try:
        given = replay or _first(context, call, ordeal)
    except BaseException:
        with context.store.transaction():
            idempotency.give_back(context.store, call)
        raise
    if given.status >= 500:
        given.headers["Stripe-Should-Retry"] = "false"
    return given


def _first(context: Context, call: Call, ordeal: Ordeal) -> Answer:
    """The first request under its key: effect and kept answer in one transaction."""
    context.faults.wait(ordeal.seconds)
    with context.store.transaction():
        sessions.settle(context.store, context.clock.now())
        given, saved = _attempt(context, call, ordeal)
        idempotency.end(context.store, call, given, saved)
    return given


def _attempt(context: Context, call: Call, ordeal: Ordeal) -> tuple[Answer, bool]:
    """The answer, and whether it is of the kind that stays under an idempotency key."""
    try:
        if ordeal.status:
            raise errors.trouble(ordeal.status)
        return printed(endpoints.perform(context, call)), True
    except errors.Refused as refused:
        return refusal(refused), refused.saved


def _perform(context: Context, call: Call, ordeal: Ordeal) -> Answer:
    context.faults.wait(ordeal.seconds)
    with context.store.transaction():
        sessions.settle(context.store, context.clock.now())
        return _attempt(context, call, ordeal)[0]


def _version(call: Call) -> str:
    return call.headers.get("stripe-version") or API_VERSION
