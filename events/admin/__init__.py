"""Staff's pages over events, ticket types, quotas and reminders."""

from events.admin.events import EventAdmin
from events.admin.quotas import QuotaAdmin
from events.admin.reminders import ReminderAdmin
from events.admin.ticket_types import TicketTypeAdmin

__all__ = ["EventAdmin", "QuotaAdmin", "ReminderAdmin", "TicketTypeAdmin"]
