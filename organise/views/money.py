"""Payments of an organiser: whose account takes them, and what buyers are told about money."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from accounts.models import StripeAccount
from checkout.actions import stripe_accounts, terms
from checkout.providers.protocol import ProviderUnavailable
from checkout.providers.stripe_accounts import HEARD, KeyRefused
from organise.doors import Desk, EventDesk, event_door, organiser_door
from organise.forms.money import DeskForm, EventTermsForm, HearForm, KeyForm, TermsForm
from organise.policy import Act
from organise.queries.money import Standing, standing
from organise.reauthentication import address, ask, is_confirmed

AWAY = "Stripe does not answer just now, so nothing was changed. Please try again in a moment."
GONE = "There is no account of your own to change any more."


def _page(
    request: HttpRequest, desk: Desk, *, found: Standing | None = None, status: int = 200, **forms: Any
) -> HttpResponse:
    """The page with the forms as they were sent, or fresh ones."""
    found = found or standing(desk.organiser)
    sent = next(iter(forms.values()), None)
    context = {
        "desk": desk, "here": "-/money", "standing": found, "account": found.account, "events_heard": HEARD,
        "key_form": KeyForm(), "hear_form": HearForm(), "is_confirmed": is_confirmed(request),
        "confirmation_url": address(_here(desk)),
        "terms_form": TermsForm(desk.organiser, found.prefix),
        "errors": sent.errors_for_summary if sent else [], **forms,
    }  # fmt: skip
    return render(request, "organise/money.html", context, status=status)


def _here(desk: Desk) -> str:
    return f"{desk.organiser_url}-/money/"


def _back(request: HttpRequest, desk: Desk, said: str) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(_here(desk), status=303)


def _refused(form: Any, field: str | None, act: Callable[[], object]) -> int:
    """Do it, and put what is wrong at its field; answers the status, 0 when it was done."""
    try:
        act()
    except KeyRefused as refused:
        form.add_error(field, str(refused))
    except stripe_accounts.NoAccount:
        form.add_error(None, GONE)
    except stripe_accounts.PaymentsOpen as found:
        people = "1 person is" if found.count == 1 else f"{found.count} people are"
        form.add_error(None, f"{people} paying just now. Try again when that is over, in half an hour at most.")
    except ProviderUnavailable:
        form.add_error(None, AWAY)
        return 503
    else:
        return 0
    return 422


@organiser_door(read=Act.SET_UP_MONEY)
def money(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How payments stand."""
    return _page(request, desk)


@organiser_door(read=None, write=Act.SET_UP_MONEY)
def key(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Connect an account, or enter a new key."""
    return _entered(
        request, desk, {"key_form": KeyForm(request.POST)},
        lambda typed: stripe_accounts.connect(organiser=desk.organiser, secret_key=typed, by=desk.user, now=now()),
        "Stripe took the key. Payments go to this account from now on.",
    )  # fmt: skip


@organiser_door(read=None, write=Act.SET_UP_MONEY)
def webhook(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The signing secret of an endpoint that was made by hand."""
    return _entered(
        request, desk, {"hear_form": HearForm(request.POST)},
        lambda typed: stripe_accounts.hear(organiser=desk.organiser, webhook_secret=typed, by=desk.user, now=now()),
        "Notices that are signed with this secret are believed from now on.",
    )  # fmt: skip


def _entered(
    request: HttpRequest, desk: Desk, forms: dict[str, Any], act: Callable[[str], object], done: str
) -> HttpResponse:
    """A secret that was typed, in a form of one field: asks who it is first, then has the form and Stripe judge."""
    if not is_confirmed(request):
        return ask(_here(desk))
    (form,) = forms.values()
    (field,) = form.fields
    status = _refused(form, field, lambda: act(form.cleaned_data[field])) if form.is_valid() else 422
    return _page(request, desk, status=status, **forms) if status else _back(request, desk, done)


@organiser_door(read=None, write=Act.SET_UP_MONEY)
def policy(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The name on statements and the refund policy."""
    found = standing(desk.organiser)
    form = TermsForm(desk.organiser, found.prefix, request.POST)
    if not form.is_valid():
        return _page(request, desk, found=found, status=422, terms_form=form)
    terms.change(organiser=desk.organiser, by=desk.user, now=now(), **form.cleaned_data)
    return _back(request, desk, "Saved. Event pages show it within seconds.")


@organiser_door(read=Act.SET_UP_MONEY, write=Act.SET_UP_MONEY)
def removal(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Let go of the account in use, after saying what happens then."""
    return _confirmed(
        request, desk, standing(desk.organiser).account,
        lambda _: stripe_accounts.remove(organiser=desk.organiser, by=desk.user, now=now()),
        "The account takes no new payments.",
    )  # fmt: skip


@organiser_door(read=Act.SET_UP_MONEY, write=Act.SET_UP_MONEY)
def forgetting(request: HttpRequest, desk: Desk, account_id: int) -> HttpResponse:
    """Delete the key of an account that is not in use any more."""
    account = get_object_or_404(desk.organiser.stripe_accounts.exclude(retired_at=None), pk=account_id)
    return _confirmed(
        request, desk, account, lambda found: stripe_accounts.forget(account=found, by=desk.user, now=now()),
        "The key is deleted.",
    )  # fmt: skip


def _confirmed(
    request: HttpRequest, desk: Desk, account: StripeAccount | None, act: Callable[[StripeAccount], object], done: str
) -> HttpResponse:
    if account is None:
        return redirect(_here(desk))
    if not is_confirmed(request):
        return ask(request.path)
    form, status = DeskForm(request.POST), 200
    if request.method == "POST":
        form.full_clean()
        status = _refused(form, None, lambda: act(account))
        if not status:
            return _back(request, desk, done)
    paid = account.payments.filter(state="paid").count()
    context = {"desk": desk, "account": account, "errors": form.errors_for_summary, "paid": paid}
    return render(request, "organise/money_removal.html", context, status=status)


@event_door(read=Act.READ_EVENTS, write=Act.EDIT_EVENTS)
def event_policy(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """A refund policy of one event."""
    form = EventTermsForm(request.POST or None, initial={"refund_policy": desk.event.refund_policy})
    if request.method == "POST" and form.is_valid():
        terms.change_of_event(event=desk.event, by=desk.user, now=now(), **form.cleaned_data)
        messages.success(request, "Saved. The event's page shows it within seconds.")
        return HttpResponseRedirect(f"{desk.url}refund-policy/", status=303)
    context = {
        "desk": desk,
        "here": "refund-policy",
        "shown": desk.event,
        "form": form,
        "errors": form.errors_for_summary,
    }
    return render(request, "organise/refund_policy.html", context, status=422 if form.errors else 200)
