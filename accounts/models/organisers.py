"""Organiser: the account that runs events; and the shape of slugs, of theirs and of what is theirs."""

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


def validate_not_reserved(slug: str) -> None:
    """Raises ValidationError for a slug that is one of the site's own addresses."""
    if slug in RESERVED_SLUGS:
        raise ValidationError("This address belongs to the site. Choose another.", code="reserved")


class Organiser(models.Model):
    """The account that runs events; the first part of their addresses."""

    slug = models.CharField(max_length=60, unique=True, validators=[validate_slug, validate_not_reserved])
    name = models.CharField(max_length=200)
    contact_email = models.EmailField("contact e-mail", help_text="Shown to buyers who need help with their order.")
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
