"""The courier: one thread that carries webhooks to the shop, and does what the passing of time brings about.

Signed as https://docs.stripe.com/webhooks#verify-manually says: `Stripe-Signature: t=<seconds>,v1=<hex>`, the
HMAC-SHA256 of `<seconds>.<body>`.
"""

import hashlib
import hmac
import http.client
import json
import threading
import time
from urllib.parse import urlsplit

from fakestripe import events, sessions
from fakestripe.clock import Clock
from fakestripe.objects import Json
from fakestripe.store import Store

BACKOFF_SECONDS = (0.25, 0.5, 1.0, 2.0, 4.0)
TIMEOUT_SECONDS = 10.0
LONGEST_NAP_SECONDS = 1.0
LAST_WAIT_SECONDS = 3.0


def signature(secret: str, body: str, timestamp: int) -> str:
    """The value of the Stripe-Signature header."""
    mac = hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256)
    return f"t={timestamp},v1={mac.hexdigest()}"


def post(url: str, body: str, headers: dict[str, str]) -> int:
    """POST once, following no redirect; the status. Raises OSError or HTTPException when nobody answers."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=TIMEOUT_SECONDS)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        connection.request("POST", target, body.encode(), headers)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


class Courier:
    """Delivers what is queued, oldest first, retrying a few times; webhooks wait while there is no `url`."""

    def __init__(self, store: Store, clock: Clock, secret: str, backoff: tuple[float, ...] = BACKOFF_SECONDS) -> None:
        self.url: str | None = None
        self._store, self._clock, self._secret, self._backoff = store, clock, secret, backoff
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="fakestripe courier", daemon=True)

    def start(self) -> None:
        """Begin to carry."""
        self._thread.start()

    def stop(self) -> None:
        """End after the delivery that is under way; one that hangs is left, to be sent again after a restart."""
        with self._store.lock:
            self._stopping = True
            self._store.lock.notify_all()
        self._thread.join(LAST_WAIT_SECONDS)

    def _run(self) -> None:
        while not self._stopping:
            with self._store.transaction():
                sessions.settle(self._store, self._clock.now())
                delivery = self._next()
                if delivery is None:
                    self._nap()
                    continue
                delivery["state"] = events.SENDING
                body = json.dumps(self._store["events"][delivery["event"]], indent=2)
                url, secret = self._target(delivery)
            attempt = self._try(url, secret, body)
            with self._store.transaction():
                self._note(delivery, attempt)

    def _next(self) -> Json | None:
        """The oldest delivery that is due."""
        return next((row for row in self._waiting() if row["due_at"] <= time.time()), None)

    def _waiting(self) -> list[Json]:
        """Deliveries that have somewhere to go."""
        waiting = (row for row in events.undone(self._store) if row["state"] == events.WAITING)
        return [row for row in waiting if self.url or row.get("endpoint")]

    def _target(self, delivery: Json) -> tuple[str, str]:
        """Address and secret of a delivery. An endpoint that is gone by now has none, and hears nothing."""
        if not delivery.get("endpoint"):
            return self.url or "", self._secret
        endpoint = self._store["webhook_endpoints"].get(delivery["endpoint"])
        return (endpoint["url"], endpoint["_fake"]["secret"]) if endpoint else ("", "")

    def _nap(self) -> None:
        """Sleep until something changes or is due."""
        if self._stopping:
            return
        waits = [row["due_at"] - time.time() for row in self._waiting()]
        shortest = min([*waits, self._store.due_at - self._clock.now()])
        self._store.lock.wait(max(0.0, min(shortest, LONGEST_NAP_SECONDS)))

    def _try(self, url: str, secret: str, body: str) -> Json:
        """One attempt, signed with the fake's time: when, the shop's status, or what went wrong."""
        started = self._clock.now()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(secret, body, int(started)),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            status, error = post(url, body, headers), None
        except (OSError, http.client.HTTPException) as trouble:
            status, error = None, f"{type(trouble).__name__}: {trouble}"
        return {"at": started, "status": status, "error": error}

    def _note(self, delivery: Json, attempt: Json) -> None:
        delivery["attempts"].append(attempt)
        tries = len(delivery["attempts"])
        if attempt["status"] is not None and 200 <= attempt["status"] < 300:
            delivery["state"] = events.DELIVERED
        elif tries > len(self._backoff):
            delivery["state"] = events.FAILED
        else:
            delivery["state"] = events.HELD if self._store.holding else events.WAITING
            delivery["due_at"] = time.time() + self._backoff[tries - 1]
        self._store.changed()
