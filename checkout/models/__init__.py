"""What a buyer takes, what they paid, and what we owe them in mail."""

from checkout.models.exports import Every, Export, ExportKind, ExportPart, ExportSchedule, Sold
from checkout.models.mail import Mail
from checkout.models.numbers import Counted, Grain, Number, NumbersMark
from checkout.models.orders import Order, OrderEvent, State, Ticket
from checkout.models.payments import Payment, PaymentState, Refund, RefundState, WebhookReceipt
from checkout.models.pretend import PretendPayment, PretendState

__all__ = [
    "Counted",
    "Every",
    "Export",
    "ExportKind",
    "ExportPart",
    "ExportSchedule",
    "Grain",
    "Mail",
    "Number",
    "NumbersMark",
    "Order",
    "OrderEvent",
    "Payment",
    "PaymentState",
    "PretendPayment",
    "PretendState",
    "Refund",
    "RefundState",
    "Sold",
    "State",
    "Ticket",
    "WebhookReceipt",
]
