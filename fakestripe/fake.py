"""The whole fake Stripe, to be started inside a test or by `python -m fakestripe`."""

import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from fakestripe import api, control_routes, errors, events, idempotency, pages
from fakestripe.calls import Answer, Call, refusal
from fakestripe.context import Context, Identity
from fakestripe.controls import Controls
from fakestripe.server import Server
from fakestripe.store import Store
from fakestripe.webhooks import BACKOFF_SECONDS, Courier

POLL_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Options:
    """Port 0 takes a free one; without a key any `sk_test_…` is right; `backoff` in seconds, one a retry. `account` and
    what follows are what the account says of itself."""

    webhook_secret: str = "whsec_fake"  # noqa: S105  -- nobody's secret: it signs play money
    webhook_url: str | None = None
    key: str | None = None
    account: str = "acct_1FakeStripe"
    account_name: str = "Fake Stripe"
    may_charge: bool = True
    host: str = "127.0.0.1"
    port: int = 0
    state: Path | None = None
    backoff: tuple[float, ...] = BACKOFF_SECONDS


class FakeStripe(Controls):
    """A stand-in for Stripe on loopback: `StripeClient(key, base_addresses={"api": fake.start()})`.

    Also a context manager: `with FakeStripe(Options(webhook_url=url)) as fake: fake.base_url`.
    """

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        identity = Identity(self.options.account, self.options.account_name, self.options.may_charge)
        context = Context(Store(self.options.state), self.options.key, identity=identity)
        idempotency.forget_unanswered(context.store)
        events.recover(context.store)
        courier = Courier(context.store, context.clock, self.options.webhook_secret, self.options.backoff)
        super().__init__(context, courier)
        if self.options.webhook_url:
            self.send_webhooks_to(self.options.webhook_url)
        self._server = Server(self.options.host, self.options.port, self._respond)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL_SECONDS,), daemon=True)

    @property
    def base_url(self) -> str:
        """The address to give the SDK, without a slash at its end."""
        return self._context.base_url

    def start(self) -> str:
        """Serve and deliver until `stop`; returns the base address."""
        self._context.base_url = f"http://{self.options.host}:{self._server.server_port}"
        self._thread.start()
        self._courier.start()
        return self.base_url

    def stop(self) -> None:
        """End everything: no thread and no open connection is left."""
        self.clear_faults()
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._courier.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.stop()

    def _respond(self, call: Call) -> Answer:
        if call.path.startswith("/pay/"):
            return pages.answer(self._context, call)
        if call.path.startswith("/_fake/"):
            return control_routes.answer(self, call)
        if call.path.startswith("/v1/"):
            return api.answer(self._context, call)
        return refusal(errors.unknown_address(call.method, call.path))
