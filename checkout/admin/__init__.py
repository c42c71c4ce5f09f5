"""Staff's pages over orders, tickets, payments, refunds and mail. All of them are to look at."""

from checkout.admin.mail import MailAdmin
from checkout.admin.orders import OrderAdmin, OrderEventAdmin, TicketAdmin
from checkout.admin.payments import PaymentAdmin, RefundAdmin, WebhookReceiptAdmin
from checkout.admin.reversals import JobAdmin, JobOrderAdmin, ReversalAdmin

__all__ = [
    "JobAdmin",
    "JobOrderAdmin",
    "MailAdmin",
    "OrderAdmin",
    "OrderEventAdmin",
    "PaymentAdmin",
    "RefundAdmin",
    "ReversalAdmin",
    "TicketAdmin",
    "WebhookReceiptAdmin",
]
