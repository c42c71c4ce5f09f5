"""Staff's pages over events, ticket types, quotas, codes, questions, reminders and waiting lists."""

from events.admin.codes import CodeAdmin
from events.admin.events import EventAdmin
from events.admin.questions import QuestionAdmin
from events.admin.quotas import QuotaAdmin
from events.admin.reminders import ReminderAdmin
from events.admin.ticket_types import TicketTypeAdmin
from events.admin.waiting import WaitingAdmin

__all__ = [
    "CodeAdmin", "EventAdmin", "QuestionAdmin", "QuotaAdmin", "ReminderAdmin", "TicketTypeAdmin", "WaitingAdmin",
]  # fmt: skip
