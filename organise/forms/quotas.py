"""The form of a quota."""

from events.catalogue.format import MOST_CAPACITY
from organise.forms.base import PageForm, text, whole


class QuotaForm(PageForm):
    """What it is called, and how much there is of it."""

    name = text("Name", help_text="For you: buyers do not see it.")
    capacity = whole(
        "Capacity", least=0, most=MOST_CAPACITY, help_text="How many tickets all that draw on it may sell together."
    )
