"""What buyers see and send, by noun."""

from checkout.views import holds, orders, payments, tickets, webhooks

__all__ = ["holds", "orders", "payments", "tickets", "webhooks"]
