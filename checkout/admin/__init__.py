"""Staff's pages over orders, tickets, payments, refunds and mail. All of them are to look at."""

from checkout.admin.mail import MailAdmin
from checkout.admin.orders import OrderAdmin, OrderEventAdmin, TicketAdmin
from checkout.admin.payments import PaymentAdmin, RefundAdmin, WebhookReceiptAdmin

__all__ = [
    "MailAdmin",
    "OrderAdmin",
    "OrderEventAdmin",
    "PaymentAdmin",
    "RefundAdmin",
    "TicketAdmin",
    "WebhookReceiptAdmin",
]
