"""Staff's pages over events, ticket types and quotas."""

from events.admin.events import EventAdmin
from events.admin.quotas import QuotaAdmin
from events.admin.ticket_types import TicketTypeAdmin

__all__ = ["EventAdmin", "QuotaAdmin", "TicketTypeAdmin"]
