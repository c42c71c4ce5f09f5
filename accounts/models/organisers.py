"""Organiser: the account that runs events; and the shape of slugs, of theirs and of what is theirs."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from accounts.models.users import User

SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
validate_slug = RegexValidator(SLUG_PATTERN, "Use small letters, digits and single hyphens.")

# First path segments that belong to the site itself; an organiser there would be unreachable.
RESERVED_SLUGS = frozenset(
    {
        "about", "accounts", "admin", "api", "assets", "clock", "dev", "docs", "events", "favicon", "healthz", "help",
        "login", "logout", "metrics", "orders", "organise", "privacy", "robots", "search", "settings", "signup",
        "sitemap", "static", "status", "terms", "theme", "tickets", "webhooks",
    }
)  # fmt: skip


MOST_POLICY = 4000
STATEMENT_PATTERN = r"^[A-Za-z0-9 .,&+#/:;()!?@_=-]*$"


def validate_statement_name(name: str) -> None:
    """Raises ValidationError for what Stripe would not put on a statement.

    Latin letters, at least one of them, and none of < > \\ ' " *. With the account's prefix (2 to 10 characters), `*`
    and a space it may be 22 characters. Source: https://docs.stripe.com/get-started/account/statement-descriptors,
    "Statement descriptor requirements" and "Set a dynamic suffix".
    """
    if name and (not re.match(STATEMENT_PATTERN, name) or not re.search("[A-Za-z]", name)):
        raise ValidationError(
            "Use letters from A to Z, at least one of them, digits, spaces and simple signs: banks show no others.",
            code="statement",
        )


def validate_not_reserved(slug: str) -> None:
    """Raises ValidationError for a slug that is one of the site's own addresses."""
    if slug in RESERVED_SLUGS:
        raise ValidationError("This address belongs to the site. Choose another.", code="reserved")


class Organiser(models.Model):
    """The account that runs events; the first part of their addresses."""

    slug = models.CharField(max_length=60, unique=True, validators=[validate_slug, validate_not_reserved])
    name = models.CharField(max_length=200)
    contact_email = models.EmailField("contact e-mail", help_text="Shown to buyers who need help with their order.")
    statement_name = models.CharField(
        max_length=20, blank=True, default="", db_default="", validators=[validate_statement_name],
        help_text="What buyers read on the statement of their card, after the account's own prefix.",
    )  # fmt: skip
    refund_policy = models.TextField(
        max_length=MOST_POLICY, blank=True, default="", db_default="",
        help_text="Shown to buyers before they pay. An event may have another. Markdown.",
    )  # fmt: skip
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(User, through="Membership", related_name="organisers")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(slug__regex=SLUG_PATTERN), name="organiser_slug_shape"),
            models.CheckConstraint(condition=~Q(slug__in=sorted(RESERVED_SLUGS)), name="organiser_slug_free"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/{self.slug}/"
