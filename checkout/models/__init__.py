"""What a buyer takes, what they paid, and what we owe them in mail."""

from checkout.models.answers import Answer, AnswerFile
from checkout.models.exports import Every, Export, ExportKind, ExportPart, ExportSchedule, Sold
from checkout.models.jobs import Job, JobOrder
from checkout.models.mail import Mail
from checkout.models.numbers import Counted, Grain, Number, NumbersMark
from checkout.models.orders import Order, OrderEvent, State, Ticket
from checkout.models.payments import Payment, PaymentState, Refund, RefundState, WebhookReceipt
from checkout.models.pretend import PretendPayment, PretendState
from checkout.models.reversals import Reversal

__all__ = [
    "Answer",
    "AnswerFile",
    "Counted",
    "Every",
    "Export",
    "ExportKind",
    "ExportPart",
    "ExportSchedule",
    "Grain",
    "Job",
    "JobOrder",
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
    "Reversal",
    "Sold",
    "State",
    "Ticket",
    "WebhookReceipt",
]
