"""What the payment provider tells us."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.models import StripeAccount
from checkout import sessions
from checkout.actions import payments
from checkout.models import WebhookReceipt
from checkout.providers import provider, provider_at, provider_for
from checkout.providers.protocol import NotAuthentic, Notice, Provider, ProviderRefused, ProviderUnavailable
from events.models import Event

log = structlog.stdlib.get_logger("webhooks")


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """From the installation's own account."""
    return _once(_read(request, provider()))


@csrf_exempt
@require_POST
def account(request: HttpRequest, token: str) -> HttpResponse:
    """From an organiser's account, signed with its own secret; about payments made with it and no others. One that is
    retired still tells how its last payments ended."""
    found = get_object_or_404(StripeAccount, token=token)
    try:
        notice = _read(request, provider_at(found))
    except (ProviderUnavailable, ProviderRefused) as fault:
        log.warning("webhook refused", fault=str(fault))
        notice = None
    return _once(notice, found.pk)


def _once(notice: Notice | None, account_id: int | None = None) -> HttpResponse:
    """Act on a notice once. What it says is acted on before it is marked as seen: dying in between repeats it, and
    every act may be repeated."""
    if notice is None:
        return _not_signed()
    # Who knows one account's secret must not be able to mark another's notices as seen.
    heard = f"{account_id}:{notice.id}" if account_id else notice.id
    if WebhookReceipt.objects.filter(provider_id=heard).exists():
        return HttpResponse("Seen before.", content_type="text/plain")
    _act(notice, account_id)
    receipt = WebhookReceipt(
        provider_id=heard, kind=notice.kind, received_at=now(),
        session_id=notice.session.id if notice.session else "",
    )  # fmt: skip
    WebhookReceipt.objects.bulk_create([receipt], ignore_conflicts=True)
    return HttpResponse("Thank you.", content_type="text/plain")


@csrf_exempt
@require_POST
def rehearsal(request: HttpRequest, event_id: int) -> HttpResponse:
    """The same from the fake of a rehearsal, signed with that run's own secret; about its own orders and no others.

    No receipt is kept: hearing something again has no effect, and what a rehearsal leaves has to go.
    """
    event = get_object_or_404(Event.objects.rehearsals(), pk=event_id)
    try:
        notice = _read(request, provider_for(event))
    except ProviderUnavailable:
        notice = None
    if notice is None:
        return _not_signed()
    if notice.session and sessions.is_of(notice.session, event):
        _act(notice)
    return HttpResponse("Thank you.", content_type="text/plain")


def _read(request: HttpRequest, sender: Provider) -> Notice | None:
    try:
        return sender.read_notice(request.body, request.headers.get("Stripe-Signature", ""))
    except NotAuthentic as fault:
        log.warning("webhook refused", fault=str(fault))
        return None


def _not_signed() -> HttpResponse:
    return HttpResponse("Not signed by the provider.", status=400, content_type="text/plain")


def _act(notice: Notice, account_id: int | None = None) -> None:
    if notice.session:
        payments.fulfil(session=notice.session, account=account_id, by="webhook", now=now())
    elif notice.problem and notice.payment_id:
        payments.note_problem(payment_id=notice.payment_id, account=account_id, problem=notice.problem)
