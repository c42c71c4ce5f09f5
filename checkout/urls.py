"""Addresses of the checkout."""

from django.urls import path, register_converter

from checkout.views import answers, codes, holds, orders, payments, pretending, tickets, webhooks
from kit.plain_requests import CodeConverter, TokenConverter

register_converter(TokenConverter, "token")
register_converter(CodeConverter, "code")

urlpatterns = [
    path("<slug:organiser_slug>/<slug:event_slug>/orders/", holds.orders, name="orders"),
    path("<slug:organiser_slug>/<slug:event_slug>/code/", codes.codes, name="codes"),
    path("orders/<token:token>/", orders.order, name="order"),
    path("orders/<token:token>/details/", orders.details, name="details"),
    path("orders/<token:token>/payments/", payments.payment, name="payment"),
    path("orders/<token:token>/pretend-payment/", pretending.pretend_payment, name="pretend-payment"),
    path("orders/<token:token>/return/", payments.returned, name="return"),
    path("orders/<token:token>/renewals/", holds.renewals, name="renewals"),
    path("orders/<token:token>/holds/", holds.retakes, name="retakes"),
    path("orders/<token:token>/cancellation/", orders.cancellation, name="cancellation"),
    path("orders/<token:token>/answers/", answers.answers, name="answers"),
    path("orders/<token:token>/files/<int:answer_id>/", answers.file, name="answer-file"),
    path("orders/<token:token>/mail/", orders.messages, name="messages"),
    path("orders/<token:token>/calendar.ics", orders.calendar, name="order-calendar"),
    path("orders/<token:token>/tickets.pdf", orders.pdf, name="order-pdf"),
    path("tickets/worker.js", tickets.worker, name="ticket-worker"),
    path("tickets/<code:code>/", tickets.ticket, name="ticket"),
    path("tickets/<code:code>/calendar.ics", tickets.calendar, name="ticket-calendar"),
    path("tickets/<code:code>/wallet.pkpass", tickets.wallet, name="ticket-wallet"),
    path("webhooks/stripe/", webhooks.stripe, name="stripe-webhook"),
    path("webhooks/stripe/<token:token>/", webhooks.account, name="account-webhook"),
    path("webhooks/rehearsals/<int:event_id>/", webhooks.rehearsal, name="rehearsal-webhook"),
]
