"""Who runs events, what they may do, and what was done."""

from accounts.models.invitations import Invitation, InvitedTo
from accounts.models.log import LogEntry
from accounts.models.memberships import Chosen, Membership, Role
from accounts.models.money import StripeAccount
from accounts.models.organisers import RESERVED_SLUGS, SLUG_PATTERN, Organiser, validate_not_reserved, validate_slug
from accounts.models.users import User

__all__ = [
    "RESERVED_SLUGS", "SLUG_PATTERN", "Chosen", "Invitation", "InvitedTo", "LogEntry", "Membership", "Organiser",
    "Role", "StripeAccount", "User", "validate_not_reserved", "validate_slug",
]  # fmt: skip
