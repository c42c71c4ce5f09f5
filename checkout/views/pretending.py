"""The payment page of play money: where the buyer of a test order chooses how the payment ends."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from checkout.models import PretendPayment, PretendState
from checkout.providers import PLAY
from checkout.providers.play import PREFIX
from checkout.views.shared import find, page
from kit.http import private, same_origin


@same_origin
@private
@require_http_methods(["GET", "HEAD", "POST"])
def pretend_payment(request: HttpRequest, token: str) -> HttpResponse:
    """Pay, have the card declined, or go back. Who comes when the page is over is led back to the order, which says how
    it ended."""
    view = find(token)
    if not view.event.is_test:
        raise Http404
    shown = PretendPayment.objects.filter(payment__order=view.order, state=PretendState.OPEN).last()
    order_url = view.order.get_absolute_url()
    if shown is None:
        return HttpResponseRedirect(f"{order_url}return/", status=303)
    if request.method != "POST":
        return page(request, "checkout/pretend_payment.html", view, problem=shown.problem)
    button = request.POST.get("button", "")
    if button == "back":
        return HttpResponseRedirect(order_url, status=303)
    if button in {"pay", "decline"}:
        press = PLAY.pay if button == "pay" else PLAY.decline
        press(f"{PREFIX}{shown.pk}")
        return HttpResponseRedirect(f"{order_url}return/", status=303)
    return page(request, "checkout/pretend_payment.html", view, status=422, problem="That was none of the buttons.")
