"""What a test may do to the fake Stripe and no shop could: the methods of `FakeStripe` and of `/_fake/`."""

import time

from fakestripe import errors, events, objects, sessions
from fakestripe.context import Context, is_loopback
from fakestripe.events import Cause
from fakestripe.faults import DELAY, DROP, FAIL, Fault
from fakestripe.objects import Json
from fakestripe.webhooks import Courier


class Controls:
    """Looks into one running fake and steers it. Objects are copies, amounts in minor units."""

    def __init__(self, context: Context, courier: Courier) -> None:
        self._context, self._courier = context, courier
        self._store = context.store

    def sessions(self) -> list[Json]:
        """All sessions, oldest first."""
        return self._shown("sessions")

    def session(self, session_id: str) -> Json:
        """One session, or Refused."""
        with self._store.transaction():
            return objects.public(sessions.get(self._store, session_id), self._context.base_url)

    def refunds(self) -> list[Json]:
        """All refunds, oldest first."""
        return self._shown("refunds")

    def payment_intents(self) -> list[Json]:
        """All payment intents, oldest first."""
        return self._shown("payment_intents")

    def events(self) -> list[Json]:
        """All events, oldest first."""
        with self._store.transaction():
            return [dict(event) for event in self._store["events"].values()]

    def deliveries(self) -> list[Json]:
        """All webhooks, in the order of the queue.

        Each is `{"id", "event", "type", "about", "state", "due_at", "attempts"}`; `state` is waiting,
        held, sending, delivered or failed; an attempt is `{"at", "status", "error"}`.
        """
        with self._store.transaction():
            return [row | {"attempts": list(row["attempts"])} for row in self._store["deliveries"].values()]

    def pay(self, session_id: str, webhook_delay: float = 0.0) -> Json:
        """Pay as the buyer would; the shop hears `webhook_delay` seconds later. Refused unless open."""
        with self._store.transaction():
            cause = Cause(self._now(), webhook_delay=webhook_delay)
            sessions.settle(self._store, self._context.clock.now())
            return objects.public(sessions.pay(self._store, session_id, cause), self._context.base_url)

    def decline(self, session_id: str) -> Json:
        """Have the buyer's card refused. Refused unless open."""
        with self._store.transaction():
            sessions.settle(self._store, self._context.clock.now())
            record = sessions.decline(self._store, session_id, Cause(self._now()))
            return objects.public(record, self._context.base_url)

    def pay_late(self, session_id: str, seconds: float = 0.0) -> Json:
        """Pay a session `seconds` from now, if it is still open then.

        By default at once, and Refused unless open.
        """
        if seconds <= 0:
            return self.pay(session_id)
        with self._store.transaction():
            moment = self._context.clock.now() + seconds
            return objects.public(sessions.pay_at(self._store, session_id, moment), self._context.base_url)

    def send_webhooks_to(self, url: str) -> None:
        """Where webhooks go from now on; loopback only. Those that waited for an address leave now."""
        if not is_loopback(url):
            raise ValueError(f"Webhooks go to this machine only, not to {url}")
        with self._store.transaction():
            self._courier.url = url
            self._store.changed()

    def hold_webhooks(self) -> None:
        """Keep back all webhooks from now on."""
        with self._store.transaction():
            events.hold(self._store)

    def release_webhooks(self, reverse: bool = False) -> None:
        """Let the held webhooks go, the newest first if `reverse`."""
        with self._store.transaction():
            events.release(self._store, reverse)

    def deliver_again(self, event_id: str | None = None) -> list[Json]:
        """Queue an event's webhook once more (every event's by default), signed anew; the new deliveries."""
        with self._store.transaction():
            wanted = [row for row in self._store["events"].values() if event_id in (None, row["id"])]
            if not wanted:
                raise errors.missing("event", event_id or "any", "event")
            return [dict(events.enqueue(self._store, row)) for row in wanted]

    def wait_for_webhooks(self, seconds: float = 5.0) -> list[Json]:
        """Wait until every webhook that is not held has been delivered or given up; returns all deliveries.

        Raises TimeoutError.
        """
        deadline = time.monotonic() + seconds
        with self._store.transaction():
            while any(row["state"] != events.HELD for row in events.undone(self._store)):
                if not self._store.lock.wait(deadline - time.monotonic()):
                    raise TimeoutError(f"Webhooks still under way after {seconds} s: {events.undone(self._store)}")
        return self.deliveries()

    def webhook_endpoints(self) -> list[Json]:
        """All endpoints that the shop has made, oldest first."""
        return self._shown("webhook_endpoints")

    def fail_next(self, count: int = 1, status: int = 500, only: str = "") -> None:
        """The next calls whose `METHOD /path` begins with `only` get this status and have no effect.

        403 (a restricted key), 429 and 503 come from before the endpoint; any other 5xx is kept under the call's
        idempotency key, as at Stripe.
        """
        self._context.faults.add(Fault(FAIL, count, only, status=status))

    def drop_next(self, count: int = 1, only: str = "") -> None:
        """The next calls have their effect, and then the connection is cut instead of an answer."""
        self._context.faults.add(Fault(DROP, count, only))

    def delay_next(self, seconds: float, count: int = 1, only: str = "") -> None:
        """The next calls wait before they have their effect, their idempotency key in use."""
        self._context.faults.add(Fault(DELAY, count, only, seconds=seconds))

    def calls_being_delayed(self) -> int:
        """How many calls are sitting out a delay right now."""
        return self._context.faults.waiting

    def clear_faults(self) -> None:
        """No more trouble; calls that are being delayed go on at once."""
        self._context.faults.clear()

    def set_clock(self, offset: float) -> None:
        """Shift the fake's clock against the machine's; signatures, creation and expiry follow it."""
        with self._store.transaction():
            self._context.clock.offset = offset
            self._store.wake_by(0.0)
            self._store.changed()

    def reset(self) -> None:
        """Forget everything and set nothing back to trouble; a webhook under way is waited for."""
        self._context.faults.clear()
        deadline = time.monotonic() + 5
        with self._store.transaction():
            while any(row["state"] == events.SENDING for row in events.undone(self._store)):
                if not self._store.lock.wait(deadline - time.monotonic()):
                    break
            self._store.clear()
            self._context.clock.offset = 0.0

    def _now(self) -> int:
        return int(self._context.clock.now())

    def _shown(self, table: str) -> list[Json]:
        with self._store.transaction():
            return [objects.public(row, self._context.base_url) for row in self._store[table].values()]
