"""The cold facts of what is for sale, and the one hot row per quota."""

from events.models.codes import Code, CodeUse
from events.models.events import Event, State
from events.models.pictures import Image, Picture
from events.models.questions import Question, QuestionKind, QuestionTarget, QuestionVersion
from events.models.quotas import Draw, Quota, Stock
from events.models.reminders import Reminder
from events.models.ticket_types import Availability, Kind, TicketType
from events.models.waiting import Waiting, WaitingList

__all__ = [
    "Availability", "Code", "CodeUse", "Draw", "Event", "Image", "Kind", "Picture", "Question", "QuestionKind",
    "QuestionTarget", "QuestionVersion", "Quota", "Reminder", "State", "Stock", "TicketType", "Waiting", "WaitingList",
]  # fmt: skip
