"""The hosted payment page: what a buyer sees at `/pay/{session}`, and what the buttons do.

Plain HTML and forms, no script. Every button is a POST that ends in a redirect.
"""

from importlib.resources import files
from urllib.parse import parse_qs

from fakestripe import errors, markup, sessions
from fakestripe.calls import Answer, Call
from fakestripe.context import Context
from fakestripe.events import Cause
from fakestripe.objects import Json

STYLESHEET = "/pay/page.css"
DEFAULT_DELAY = 8.0
LONGEST_DELAY = 24 * 60 * 60.0
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def answer(context: Context, call: Call) -> Answer:
    """The page, its stylesheet, or what pressing a button leads to."""
    if call.path == STYLESHEET:
        return Answer(
            200,
            files("fakestripe").joinpath("page.css").read_text(),
            {"Cache-Control": "no-cache"},
            "text/css",
        )
    session_id = call.path.removeprefix("/pay/")
    try:
        with context.store.transaction():
            sessions.settle(context.store, context.clock.now())
            return _press(context, session_id, call) if call.method == "POST" else _show(context, session_id)
    except errors.Refused as refused:
        return _page(markup.message("There is no such payment", refused.message), refused.status)


def back_to_the_shop(session: Json) -> str:
    """The success address of a session, its id filled in where Stripe fills it in."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _show(context: Context, session_id: str) -> Answer:
    session = sessions.get(context.store, session_id)
    if session["status"] == "complete":
        return _page(markup.paid(session, back_to_the_shop(session)))
    if session["status"] == "expired":
        return _page(markup.expired(session))
    intent = context.store["payment_intents"].get(session["payment_intent"], {})
    error = intent.get("last_payment_error") or {}
    promised = session["_fake"]["pay_at"]
    seconds_left = None if promised is None else max(0, round(promised - context.clock.now()))
    return _page(markup.checkout(session, error.get("message"), seconds_left))


def _press(context: Context, session_id: str, call: Call) -> Answer:
    """Do what the button says. A session that is no longer open is left as it is; its page says so."""
    form = parse_qs(call.body)
    button, here = form.get("button", [""])[0], f"/pay/{session_id}"
    session = sessions.get(context.store, session_id)
    if button == "close":
        return _see(session["cancel_url"] or here)
    if session["status"] != "open":
        return _see(here)
    now, delay = context.clock.now(), _delay(form.get("seconds", [""])[0])
    if button == "decline":
        sessions.decline(context.store, session_id, Cause(int(now)))
        return _see(here)
    if button == "pay_late":
        sessions.pay_at(context.store, session_id, now + delay)
        return _see(here)
    if button not in ("pay", "tell_late"):
        raise errors.invalid(f"The page has no button {button!r}.")
    sessions.pay(context.store, session_id, Cause(int(now), webhook_delay=delay if button == "tell_late" else 0.0))
    return _see(back_to_the_shop(session))


def _delay(typed: str) -> float:
    """The seconds typed into a form; the default when that is no number in range."""
    try:
        seconds = float(typed)
    except ValueError:
        return DEFAULT_DELAY
    return seconds if 0 <= seconds <= LONGEST_DELAY else DEFAULT_DELAY


def _see(url: str) -> Answer:
    return Answer(303, "", {"Location": url, **HEADERS}, "text/plain")


def _page(html: str, status: int = 200) -> Answer:
    return Answer(status, html, dict(HEADERS), "text/html")
