"""What a buyer takes, what they paid, and what we owe them in mail."""

from checkout.models.mail import Mail
from checkout.models.orders import Order, OrderEvent, State, Ticket
from checkout.models.payments import Payment, PaymentState, Refund, RefundState, WebhookReceipt
from checkout.models.pretend import PretendPayment, PretendState

__all__ = [
    "Mail",
    "Order",
    "OrderEvent",
    "Payment",
    "PaymentState",
    "PretendPayment",
    "PretendState",
    "Refund",
    "RefundState",
    "State",
    "Ticket",
    "WebhookReceipt",
]
