"""Addresses of the checkout."""

from django.urls import path

from checkout.views import holds, orders, payments, tickets, webhooks

urlpatterns = [
    path("<slug:organiser_slug>/<slug:event_slug>/orders/", holds.orders, name="orders"),
    path("orders/<str:token>/", orders.order, name="order"),
    path("orders/<str:token>/details/", orders.details, name="details"),
    path("orders/<str:token>/payments/", payments.payment, name="payment"),
    path("orders/<str:token>/return/", payments.returned, name="return"),
    path("orders/<str:token>/renewals/", holds.renewals, name="renewals"),
    path("orders/<str:token>/holds/", holds.retakes, name="retakes"),
    path("orders/<str:token>/cancellation/", orders.cancellation, name="cancellation"),
    path("orders/<str:token>/mail/", orders.messages, name="messages"),
    path("orders/<str:token>/calendar.ics", orders.calendar, name="order-calendar"),
    path("orders/<str:token>/tickets.pdf", orders.pdf, name="order-pdf"),
    path("tickets/worker.js", tickets.worker, name="ticket-worker"),
    path("tickets/<str:code>/", tickets.ticket, name="ticket"),
    path("tickets/<str:code>/calendar.ics", tickets.calendar, name="ticket-calendar"),
    path("webhooks/stripe/", webhooks.stripe, name="stripe-webhook"),
]
