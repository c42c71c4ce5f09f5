"""The controls over HTTP, JSON in and out, for tests in another process: everything under `/_fake/`.

GET  /_fake/{sessions,payment_intents,refunds,events,deliveries}   lists
POST /_fake/sessions/{id}/pay {"webhook_delay"}   /decline   /pay-late {"seconds"}
POST /_fake/webhooks/{hold,release {"reverse"},again {"event_id"},wait {"seconds"},target {"url"}}
POST /_fake/calls/{fail {"count","status","only"},drop {"count","only"},clear}
POST /_fake/calls/delay {"seconds","count","only"}
POST /_fake/clock {"offset"}   /_fake/reset
"""

import json
import re
from collections.abc import Callable
from typing import Any

from fakestripe import errors
from fakestripe.calls import Answer, Call, printed, refusal
from fakestripe.controls import Controls

Control = Callable[..., Any]

ROUTES: list[tuple[str, str, Control]] = [
    ("GET", "sessions", Controls.sessions),
    ("GET", "sessions/([^/]+)", Controls.session),
    ("GET", "payment_intents", Controls.payment_intents),
    ("GET", "refunds", Controls.refunds),
    ("GET", "events", Controls.events),
    ("GET", "deliveries", Controls.deliveries),
    ("POST", "sessions/([^/]+)/pay", Controls.pay),
    ("POST", "sessions/([^/]+)/decline", Controls.decline),
    ("POST", "sessions/([^/]+)/pay-late", Controls.pay_late),
    ("POST", "webhooks/target", Controls.send_webhooks_to),
    ("POST", "webhooks/hold", Controls.hold_webhooks),
    ("POST", "webhooks/release", Controls.release_webhooks),
    ("POST", "webhooks/again", Controls.deliver_again),
    ("POST", "webhooks/wait", Controls.wait_for_webhooks),
    ("POST", "calls/fail", Controls.fail_next),
    ("POST", "calls/drop", Controls.drop_next),
    ("POST", "calls/delay", Controls.delay_next),
    ("POST", "calls/clear", Controls.clear_faults),
    ("POST", "clock", Controls.set_clock),
    ("POST", "reset", Controls.reset),
]


def answer(controls: Controls, call: Call) -> Answer:
    """Run one control; `{"data": …}` on success, an error in Stripe's shape otherwise."""
    try:
        return printed({"data": _run(controls, call)})
    except errors.Refused as refused:
        return refusal(refused)


def _run(controls: Controls, call: Call) -> Any:
    wanted = call.path.removeprefix("/_fake/")
    for method, pattern, control in ROUTES:
        match = re.fullmatch(pattern, wanted)
        if match and method == call.method:
            return _called(control, controls, match.groups(), call)
    raise errors.unknown_address(call.method, call.path)


def _called(control: Control, controls: Controls, named: tuple[str, ...], call: Call) -> Any:
    try:
        options = json.loads(call.body or "{}")
        return control(controls, *named, **options)
    except TimeoutError as late:
        raise errors.Refused(504, str(late), kind="api_error") from late
    except (TypeError, ValueError) as wrong:
        raise errors.invalid(str(wrong)) from wrong
