"""Filters for the pages of one's own account."""

from django import template

from accounts.browsers import said_of

register = template.Library()
register.filter("browser", said_of)
