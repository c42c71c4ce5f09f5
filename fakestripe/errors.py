"""The refusals of the fake Stripe, in the shape and words of the real one.

Wording and codes: https://docs.stripe.com/api/errors and https://docs.stripe.com/error-codes, and for
sentences that the documentation does not print, what integrators quote in public bug reports.
"""

from dataclasses import dataclass, field
from typing import Any

TRY_ANOTHER_KEY = "Try using a key other than '{key}' if you meant to execute a different request."


@dataclass(eq=False)
class Refused(Exception):
    """Stripe says no.

    `saved` is true when the refusal came after the endpoint began its work: such an answer is kept under the
    idempotency key and replayed. Refusals of the parameters are not (https://docs.stripe.com/error-low-level).
    """

    status: int
    message: str
    kind: str = "invalid_request_error"
    code: str | None = None
    param: str | None = None
    saved: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The JSON answer: `{"error": {"message", "type", "code"?, "doc_url"?, "param"?}}`."""
        error = {"message": self.message, "type": self.kind}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        return {"error": error}


def invalid(message: str, param: str | None = None, code: str | None = None) -> Refused:
    """A parameter that Stripe would not take."""
    return Refused(400, message, code=code, param=param)


def against_the_state(message: str, code: str | None = None, param: str | None = None) -> Refused:
    """A well-formed request that the state of its object does not allow."""
    return Refused(400, message, code=code, param=param, saved=True)


def missing(kind: str, identifier: str, param: str, status: int = 404) -> Refused:
    """No such object; 404 when it is the one in the address, 400 when it is named in a parameter."""
    return Refused(status, f"No such {kind}: '{identifier}'", code="resource_missing", param=param)


def unknown_address(method: str, path: str) -> Refused:
    """Nothing lives at this address, in this fake or (more often) at Stripe either."""
    hint = ""
    if path.endswith("/"):
        hint = (
            " If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an"
            " object, make sure you passed a valid (non-empty) identifier in your code."
        )
    where = f"Unrecognized request URL ({method}: {path})."
    return Refused(
        404,
        f"{where}{hint} Please see https://stripe.com/docs or we can help at https://support.stripe.com/.",
    )


def no_key() -> Refused:
    """The request carries no API key."""
    message = (
        "You did not provide an API key. You need to provide your API key in the Authorization header, using"
        " Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See"
        " https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/."
    )
    return Refused(401, message, headers={"WWW-Authenticate": 'Bearer realm="Stripe"'})


def wrong_key(key: str) -> Refused:
    """The API key is not this account's; all but its kind and its last four characters are starred out."""
    head, tail = (key[:8], key[-4:]) if len(key) > 12 else ("", "")
    starred = head + "*" * (len(key) - len(head) - len(tail)) + tail
    return Refused(401, f"Invalid API Key provided: {starred}", headers={"WWW-Authenticate": 'Bearer realm="Stripe"'})


def other_parameters(key: str) -> Refused:
    """An idempotency key came back with other parameters."""
    message = "Keys for idempotent requests can only be used with the same parameters they were first used with. "
    return Refused(400, message + TRY_ANOTHER_KEY.format(key=key), kind="idempotency_error")


def other_endpoint(key: str, now: str, first: str) -> Refused:
    """An idempotency key came back at another address."""
    message = (
        "Keys for idempotent requests can only be used for the same endpoint they were first used for"
        f" ('{now}' vs '{first}'). "
    )
    return Refused(400, message + TRY_ANOTHER_KEY.format(key=key), kind="idempotency_error")


def key_in_use(key: str) -> Refused:
    """The first request with this idempotency key is still being answered."""
    message = (
        "There is currently another in-progress request using this Idempotent Key (that probably means you"
        f" submitted twice, and the other request is still going through): {key}. Please try again later."
    )
    return Refused(409, message, kind="idempotency_error", code="idempotency_key_in_use")


def trouble(status: int) -> Refused:
    """An injected failure: 403 (a restricted key), 429 and 503 come from before the endpoint, any other from inside."""
    if status == 429:
        message = "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."
        return Refused(429, message, code="rate_limit", headers={"Stripe-Rate-Limited-Reason": "global-rate"})
    if status == 403:
        message = "The provided key does not have the required permissions for this endpoint on account 'acct_1Fake'."
        return Refused(403, message)
    message = "Sorry! There was an error while talking to one of our backends. Support has been notified."
    return Refused(status, message, kind="api_error", saved=status != 503)
