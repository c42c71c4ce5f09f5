"""What buyers see and send, by noun."""

from checkout.views import answers, holds, orders, payments, tickets, webhooks

__all__ = ["answers", "holds", "orders", "payments", "tickets", "webhooks"]
