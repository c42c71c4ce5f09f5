"""What the payment provider tells us."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from checkout.actions import payments
from checkout.models import WebhookReceipt
from checkout.providers import provider
from checkout.providers.protocol import NotAuthentic

log = structlog.stdlib.get_logger("webhooks")


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """Act on a notice once. What it says is acted on before it is marked as seen: dying in between repeats it, and
    every act may be repeated."""
    try:
        notice = provider().read_notice(request.body, request.headers.get("Stripe-Signature", ""))
    except NotAuthentic as fault:
        log.warning("webhook refused", fault=str(fault))
        return HttpResponse("Not signed by the provider.", status=400, content_type="text/plain")
    if WebhookReceipt.objects.filter(provider_id=notice.id).exists():
        return HttpResponse("Seen before.", content_type="text/plain")
    if notice.session:
        payments.fulfil(session=notice.session, by="webhook", now=now())
    elif notice.problem and notice.payment_id:
        payments.note_problem(payment_id=notice.payment_id, problem=notice.problem)
    receipt = WebhookReceipt(
        provider_id=notice.id, kind=notice.kind, received_at=now(),
        session_id=notice.session.id if notice.session else "",
    )  # fmt: skip
    WebhookReceipt.objects.bulk_create([receipt], ignore_conflicts=True)
    return HttpResponse("Thank you.", content_type="text/plain")
