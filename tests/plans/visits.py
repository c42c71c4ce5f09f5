"""What is visited: every public address, found by walking the resolver, and every act that no address leads to.

An address without an entry here fails `test_every_public_address_is_visited`.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.timezone import now
from zeal import zeal_context, zeal_ignore

from accounts.models import Organiser, User
from checkout import ledger, reconcile
from checkout.actions import availability, holds, orders, payments, refunds
from checkout.duties import DUTIES
from checkout.models import Payment, State
from checkout.providers import provider
from events.actions import reminders, waiting_list, waiting_mail
from events.models import Draw, Event, Waiting
from fakestripe import FakeStripe, Options
from fakestripe.webhooks import signature
from flags import queries as flag_queries
from flags import stale
from flags.actions import declarations, grants, guard, overrides, reviews
from flags.actions import flags as flag_acts
from flags.models import Evidence, Flag, Grant, Kind, Stage
from flags.models.grants import Recipient
from kit.duties import Duty
from surge import books
from surge.actions import rehearsals
from surge.models import RehearsalRun
from surge.queries import differs
from tests.buyers import ADA
from tests.checkout.payers import SECRET as SIGNED_WITH
from tests.checkout.payers import again, payment_of, post_event, session_of
from tests.flags.makers import make_flag, make_grant, overspend
from tests.plans.file_visits import give_answers, see_file, see_picture
from tests.plans.guide import FREE, PAID, Guide, ada, path_of
from tests.plans.money_visits import hear_account, pretend_to_pay, try_out
from tests.plans.order_visits import ORDER_ACTS

Visit = Callable[[Guide], object]


def public_routes(resolver: URLResolver | None = None) -> Iterator[str]:
    """Every public address; staff and organisers have pages of their own."""
    for entry in (resolver or get_resolver()).url_patterns:
        if f"/{entry.pattern}" in settings.STAFF_PATHS:
            continue
        if isinstance(entry, URLPattern):
            yield str(entry.pattern)
        elif isinstance(entry, URLResolver):
            yield from public_routes(entry)


def take_hold(guide: Guide) -> None:
    guide.post(
        f"{guide.event_path}orders/", {f"quantity-{FREE}": "1", f"quantity-{PAID}": "2", "key": str(uuid.uuid4())}
    )
    guide.post(f"{guide.event_path}orders/", {f"quantity-{FREE}": "99"}, 422)
    gone = guide.sold_out()
    guide.post(f"{gone.event.get_absolute_url()}orders/", {f"quantity-{gone.slug}": "1"}, 409)


def ask_for_reminder(guide: Guide) -> None:
    """The sale is on, so there is nothing to wait for; keeping an address is an act below."""
    guide.post(f"{guide.event_path}reminders/", {"email": f"eve-{guide.n}@example.com"}, 409)


def join_waiting_list(guide: Guide) -> None:
    """Of an event where all is sold out, twice with the same address; and of one that sells."""
    form = {"email": f"eve-{guide.n}@example.com", "wanted": "2"}
    gone = guide.gone()
    for _ in range(2):
        guide.post(f"{gone.event.get_absolute_url()}waiting-list/", form, 200)
    guide.bring_back(gone)
    guide.post(f"{guide.event_path}waiting-list/", form, 409)


def leave_waiting_list(guide: Guide) -> None:
    gone = guide.gone()
    guide.bring_back(gone)
    with guide.watch.at(""):
        event = gone.event
        wish = waiting_list.Wish(f"adam-{guide.n}@example.com", 1)
        waiting_list.join(event_id=event.pk, wish=wish, now=now())
        token = Waiting.objects.get(event=event, email=wish.email).token
    path = f"{event.get_absolute_url()}waiting-list/{token}/"
    guide.get(path)
    guide.post(path, {}, 200)


def see_order(guide: Guide) -> None:
    for order in (guide.held(), guide.reviewed(), guide.paying(), guide.complete(), guide.expired(), guide.voided()):
        guide.get(path_of(order))


def give_details(guide: Guide) -> None:
    order = guide.held(PAID)
    guide.get(path_of(order, "details/"))
    guide.post(path_of(order, "details/"), ada(attendee_1="Ada", attendee_2="Charles"))
    guide.post(path_of(guide.held(), "details/"), ada(use_buyer_name="on"))


def come_back(guide: Guide) -> None:
    guide.get(path_of(guide.paying(), "return/"))
    guide.get(path_of(guide.paying(paid=True), "return/"), 303)


def cancel(guide: Guide) -> None:
    for order in (guide.held(), guide.paying()):
        guide.get(path_of(order, "cancellation/"))
        guide.post(path_of(order, "cancellation/"), {})


def hear_webhook(guide: Guide) -> None:
    guide.paying(paid=True)
    for _ in range(2):  # providers say things twice
        guide.ask(lambda: post_event(guide.stripe.events()[-1], client=guide.client), 200)


def hear_rehearsal_webhook(guide: Guide) -> None:
    """Of a rehearsal's own payment, from its own fake."""
    with guide.watch.at(""), FakeStripe(Options(webhook_secret=SIGNED_WITH)) as fake:
        run = rehearse(guide, fake.base_url)
        copy = run.rehearsal
        order = guide.held(PAID, event_id=copy.pk)
        orders.record_details(order=order, details=ADA)
        fake.pay(str(payments.begin(order=again(order), now=now()).session_id))
        body = json.dumps(fake.events()[-1])
        headers = {"Stripe-Signature": signature(SIGNED_WITH, body, int(now().timestamp()))}
    path = f"/webhooks/rehearsals/{copy.pk}/"
    guide.ask(lambda: guide.client.post(path, body, content_type="application/json", headers=headers), 200)
    with guide.watch.at(""):
        rehearsals.abort(run=run, why="Over.", now=now())
        rehearsals.remove(run=run, now=now())
        forget_plans()


def rehearse(guide: Guide, payments_url: str = "http://127.0.0.1:1") -> Any:
    """A rehearsal of the event that this round visits."""
    event = Event.objects.select_related("organiser").get(pk=guide.event_id)
    run = rehearsals.begin(event=event, settings={}, times=rehearsals.Times(now(), 60.0), now=now())
    RehearsalRun.objects.filter(pk=run.pk).update(payments_secret=SIGNED_WITH)
    rehearsals.pay_at(run=run, url=payments_url)
    return run


def forget_plans() -> None:
    """Triggers keep plans for as many rows as a whole event has. The command that rehearses has its own connection."""
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")


def see_ticket(guide: Guide, what: str = "", status: int = 200) -> None:
    order = guide.complete()
    with guide.watch.at(""):
        code = order.tickets.get(number=1).code
    guide.get(f"/tickets/{code}/{what}", status)


def event_page(what: str = "") -> Visit:
    return lambda guide: guide.get(f"{guide.event_path}{what}")


def secret_page(what: str = "") -> Visit:
    return lambda guide: guide.get(f"{guide.event_path}secret/{guide.secret}/{what}")


def code_page(what: str = "") -> Visit:
    return lambda guide: guide.get(f"{guide.event_path}code/{guide.code()}/{what}")


def type_code(guide: Guide) -> None:
    """With a choice, which it leads to a page of; that page; without one; and one that nobody knows, and a hold."""
    text, address = guide.code(), f"{guide.event_path}code/"
    guide.post(address, {"code": text, f"quantity-{PAID}": "1"})
    guide.get(f"{address}?code={text}&quantity-{PAID}=1")
    guide.post(address, {"code": text})
    guide.post(address, {"code": "NOBODY", f"quantity-{PAID}": "1"}, 422)
    guide.post(
        f"{guide.event_path}orders/",
        {f"quantity-{FREE}": "1", f"quantity-{PAID}": "2", "key": str(uuid.uuid4()), "code": text},
    )


EVENT: Final = "<slug:organiser_slug>/<slug:event_slug>/"
SECRET: Final = f"{EVENT}secret/<secret:secret>/"
CODE: Final = f"{EVENT}code/<discount:code>/"
ORDER: Final = "orders/<token:token>/"
ADDRESSES: Final[dict[str, Visit]] = {
    "": lambda guide: guide.get("/"),
    "clock/": lambda guide: guide.get("/clock/"),
    "favicon.ico": lambda guide: guide.get("/favicon.ico", 301),
    r"^assets/(?P<sha256>[0-9a-f]{64})\.(?P<ending>webp|jpg)$": see_picture,
    r"^theme/(?P<colour>[0-9a-f]{6})\.css$": lambda guide: guide.get("/theme/aabbcc.css"),
    "<slug:organiser_slug>/": lambda guide: guide.get(f"/{guide.event_path.split('/')[1]}/"),
    EVENT: event_page(),
    f"{EVENT}tickets/": event_page("tickets/"),
    f"{EVENT}code/": type_code,
    CODE: code_page(),
    f"{CODE}tickets/": code_page("tickets/"),
    f"{CODE}availability/": code_page("availability/"),
    f"{EVENT}availability/": event_page("availability/"),
    f"{EVENT}reminders/": ask_for_reminder,
    f"{EVENT}waiting-list/": join_waiting_list,
    f"{EVENT}waiting-list/<secret:token>/": leave_waiting_list,
    f"{EVENT}orders/": take_hold,
    SECRET: secret_page(),
    f"{SECRET}tickets/": secret_page("tickets/"),
    f"{SECRET}availability/": secret_page("availability/"),
    ORDER: see_order,
    f"{ORDER}details/": give_details,
    f"{ORDER}payments/": lambda guide: guide.post(path_of(guide.reviewed(), "payments/"), {}),
    f"{ORDER}pretend-payment/": pretend_to_pay,
    f"{ORDER}return/": come_back,
    f"{ORDER}renewals/": lambda guide: guide.post(path_of(guide.held(), "renewals/"), {}),
    f"{ORDER}holds/": lambda guide: guide.post(path_of(guide.expired(), "holds/"), {}),
    f"{ORDER}cancellation/": cancel,
    f"{ORDER}answers/": give_answers,
    f"{ORDER}files/<int:answer_id>/": see_file,
    f"{ORDER}mail/": lambda guide: guide.post(path_of(guide.complete(), "mail/"), {"email": "eve@example.com"}),
    f"{ORDER}calendar.ics": lambda guide: guide.get(path_of(guide.complete(), "calendar.ics")),
    f"{ORDER}tickets.pdf": lambda guide: guide.get(path_of(guide.complete(), "tickets.pdf")),
    "tickets/worker.js": lambda guide: guide.get("/tickets/worker.js"),
    "tickets/<code:code>/": see_ticket,
    "tickets/<code:code>/calendar.ics": lambda guide: see_ticket(guide, "calendar.ics"),
    "tickets/<code:code>/wallet.pkpass": lambda guide: see_ticket(guide, "wallet.pkpass", 404),  # nobody signs in tests
    "webhooks/stripe/": hear_webhook,
    "webhooks/stripe/<token:token>/": hear_account,
    "webhooks/rehearsals/<int:event_id>/": hear_rehearsal_webhook,
}


def pay_late(guide: Guide) -> None:
    order = guide.paying(paid=True)
    guide.expired(order)
    payments.fulfil(session=provider().retrieve(session_of(order)), by="webhook", now=now())


def void(guide: Guide) -> None:
    for back_on_sale in (True, False):
        orders.void(order=guide.complete(), by="staff", now=now(), back_on_sale=back_on_sale)


def refund(guide: Guide) -> None:
    with guide.watch.at(""):
        order = guide.paying(paid=True)
        payments.look(order=order, now=now())
        payment = payment_of(order)
    refunds.claim(payment=payment, amount_minor=1, reason="", key=str(uuid.uuid4()), by="staff", now=now())


def pay_for_nothing(guide: Guide) -> None:
    """A session of which we never heard, as after a crash between asking and hearing."""
    with guide.watch.at(""):
        order = guide.paying(paid=True)
        Payment.objects.filter(order=order).update(session_id=None)
        session = next(iter(provider().sessions_since(order.created_at)))
    payments.fulfil(session=session, by="reconcile", now=now())


def delete_rows(guide: Guide) -> None:
    """What staff may delete goes with all that hangs on it."""
    with guide.watch.at(""):
        drafts = Event.objects.filter(state="draft", ticket_types__position=5).order_by("pk")
        draft, spare = drafts[guide.n], drafts.reverse()[guide.n]
        flag = Flag.objects.create(name=f"spare-{guide.n}")
    draft.delete()
    spare.ticket_types.get(position=1).delete()
    spare.quotas.filter(draws=None).delete()
    flag.delete()
    User.objects.get(pk=300 + guide.n).delete()
    Draw.objects.create(ticket_type=spare.ticket_types.get(position=2), quota=spare.quotas.get(position=3))


def rename_organiser(guide: Guide) -> None:
    Organiser.objects.filter(slug=f"organiser-{guide.event_id}").update(name=f"Organiser, round {guide.n}")


def grant_flags(guide: Guide) -> None:
    """To an event, again on other terms, and to an organiser; and the first taken back."""
    with guide.watch.at(""):
        flag = Flag.objects.get(name=f"flag-{100 + guide.n}")
        event = Event.objects.get(pk=guide.event_id)
        Evidence.objects.create(
            flag=flag, rehearsal="All", commit="0123abc", ticket_types=10_000, requests_per_second=500, at=now()
        )
    terms = grants.Terms(is_on=True, reason="A trial")
    given = grants.give(flag=flag, to=Recipient(event_id=event.pk), terms=terms, by=None, now=now())
    grants.give(flag=flag, to=given.recipient, terms=grants.Terms(is_on=False, reason="Too slow"), by=None, now=now())
    grants.give(flag=flag, to=Recipient(organiser_id=event.organiser_id), terms=terms, by=None, now=now())
    grants.withdraw(grant=given, reason="Over", by=None, now=now())


def override_gates(guide: Guide) -> None:
    """Ask for one, approve it, and keep a flag through an on-sale."""
    with guide.watch.at(""):
        flag = Flag.objects.create(name=f"untried-{guide.n}", stage=Stage.TRIAL)
        staff, another = User.objects.order_by("pk")[:2]
    terms = grants.Terms(is_on=True, reason="A trial")
    asked = overrides.ask(flag=flag, to=Recipient(event_id=guide.event_id), terms=terms, by=another, now=now())
    overrides.decide(override=asked, approve=True, reason="Seen", by=staff, now=now())
    reviews.keep(flag=flag, event_id=guide.event_id, on_sale_at=now(), reason="Needed", by=staff, now=now())


def end_unused_grants(guide: Guide) -> None:
    with guide.watch.at(""):
        Grant.objects.filter(flag=1 + guide.n, event__gt=6).update(created_at=now() - timedelta(days=8))
    reviews.expire_unused(now=now())


def change_flags(guide: Guide) -> None:
    """Through what may happen to a flag as a whole."""
    with guide.watch.at(""):
        flag, other = Flag.objects.get(name=f"flag-{100 + guide.n}"), Flag.objects.get(name=f"flag-{150 + guide.n}")
    signature: dict[str, Any] = {"reason": "A trial", "by": None, "now": now()}
    flag_acts.kill(flag=flag, **signature)
    flag_acts.revive(flag=flag, **signature)
    flag_acts.change_stage(flag=flag, to=Stage.RETIRED, **signature)
    for prerequisites in ([other], []):
        flag_acts.require(flag=flag, prerequisites=prerequisites, **signature)


def guard_flags(guide: Guide) -> None:
    """One flag that is switched off, and one that is only spoken of."""
    window = 1_000_000 * guide.n
    with guide.watch.at(""):
        event = Event.objects.get(pk=guide.event_id)
        for kind in (Kind.OPERATIONS, Kind.PERMISSION):
            flag = make_flag(f"guarded-{kind}-{guide.n}", kind=kind, budget_queries=1)
            make_grant(flag, event)
            overspend(flag, event, window)
    guard.judge(window=window, now=now())


def explain_flags(guide: Guide) -> None:
    with guide.watch.at(""):
        event = Event.objects.get(pk=guide.event_id)
    flag_queries.explain(event.pk, organiser_id=event.organiser_id, now=now())


def see_tickets_come_back(guide: Guide) -> None:
    """The turn of some, by the worker's duties; and the end of it, when they are gone once more."""
    with guide.watch.at(""):
        gone = guide.gone()
        for number in range(3):
            wish = waiting_list.Wish(f"back-{guide.n}-{number}@example.com", 1)
            waiting_list.join(event_id=gone.event_id, wish=wish, now=now())
    waiting_list.count(now=now())
    guide.bring_back(gone)
    waiting_mail.choose(now=now())
    for letter in (waiting_mail.CONFIRMATION, waiting_mail.TICKETS):
        waiting_mail.drain(letter, now=now())
    waiting_list.forget(now=now())


def rehearse_and_clean(guide: Guide) -> None:
    """From the copy to the last row, with an order there, and what is shown of it afterwards."""
    run = rehearse(guide)
    with guide.watch.at(""):
        order = guide.held(PAID, event_id=run.rehearsal.pk)
    receipt = {"order": order.get_absolute_url(), "tickets": 2}
    assert list(books.wronged(run.rehearsal, [receipt]))
    rehearsals.remove(run=run, now=now())
    rehearsals.abort(run=run, why="Over.", now=now())
    rehearsals.clean(now=now())
    differs(run, now=now())
    with guide.watch.at(""):
        forget_plans()


# The provider or the mail server is spoken to between two orders, and no connection is held meanwhile.
IN_TURN: Final[Any] = [{"model": "checkout.Order", "field": "payments"}]


def do(duty: Duty) -> Visit:
    """A duty, once, not asking row by row."""

    def once(_: Guide) -> None:
        with zeal_context(), zeal_ignore(IN_TURN):
            duty.work(now())

    return once


ACTS: Final[dict[str, Visit]] = {
    "act: sweep one event": lambda guide: holds.sweep(now=now(), event_id=guide.event_id),
    "act: say what is left of one event": lambda guide: availability.refresh(event_id=guide.event_id),
    "act: fulfil a payment that came late": pay_late,
    "act: fulfil a payment of which we never heard": pay_for_nothing,
    "act: settle": lambda guide: payments.settle(order=guide.paying(), to=State.EXPIRED, by="system", now=now()),
    "act: void": void,
    "act: try an event out": try_out,
    "act: ask for a reminder": lambda guide: reminders.ask(
        event_id=guide.event_id, email=f"eve-{guide.n}@example.com", now=now()
    ),
    "act: see that tickets are back": see_tickets_come_back,
    "act: claim a refund": refund,
    "act: delete": delete_rows,
    "act: rename an organiser": rename_organiser,
    "act: grant flags": grant_flags,
    "act: change flags": change_flags,
    "act: override gates": override_gates,
    "act: end unused grants": end_unused_grants,
    "act: explain flags": explain_flags,
    "act: guard flags": guard_flags,
    "act: rehearse": rehearse_and_clean,
    **ORDER_ACTS,
    "act: flags sync": lambda _: declarations.sync(declared={}, now=now()),
    "act: flags report": lambda _: stale.report(declared={}, used=[], now=now()),
    "act: check_ledger": lambda _: ledger.check(),
    "act: reconcile": lambda _: reconcile.reconcile(since=now(), now=now()),
}
VISITS: Final[dict[str, Visit]] = {
    **{f"/{route}": visit for route, visit in ADDRESSES.items()},
    **{f"duty: {duty.name}": do(duty) for duty in DUTIES},
    **ACTS,
}


def visit_pages_over_flags(client: Client) -> None:
    flag, event = Flag.objects.order_by("pk").first(), Event.objects.select_related("organiser").get(pk=1)
    assert flag is not None
    typed = {"flag": flag.name, "to": f"{event.organiser.slug}/{event.slug}", "reason": "A trial", "act": "off"}
    for path in (f"/admin/flags/flag/{flag.pk}/overview/", "/admin/events/event/1/flags/", "/admin/flags/flag/bulk/"):
        assert client.get(path).status_code == 200
    assert client.post("/admin/flags/flag/bulk/", typed).status_code == 200


def visit_staff_pages() -> None:
    """Staff's lists and a page of each: they may read whole tables, and are visited for the indexes they go by."""
    client, root = Client(), User.objects.get(is_superuser=True)
    client.force_login(root)
    visit_pages_over_flags(client)
    for model in admin.site._registry:
        names = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert client.get(reverse(f"{names}_changelist")).status_code == 200
        if found := model._default_manager.order_by("pk").last():
            assert client.get(reverse(f"{names}_change", args=[found.pk])).status_code == 200
