"""User, Organiser and Membership."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

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


class UserManager(BaseUserManager["User"]):
    """Makes users, who are known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **extra})


class User(AbstractUser):
    """A person who signs in: an organiser's team or staff. Buyers have no account."""

    username = None  # type: ignore[assignment]  # e-mail takes its place
    first_name = None  # type: ignore[assignment]  # one full name, as people write it
    last_name = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", max_length=254, unique=True)
    full_name = models.CharField(max_length=200, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[misc, assignment]  # replaces a manager of another type, as Django documents

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message="This address has an account.",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.full_name or self.email

    def get_short_name(self) -> str:
        return self.get_full_name()


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


class Role(models.TextChoices):
    """What a member may do; the rules themselves live with the organiser's pages."""

    OWNER = "owner", "Owner"
    MANAGER = "manager", "Manager"
    FINANCE = "finance", "Finance"
    READ_ONLY = "read_only", "Read-only"
    DOOR = "door", "Door"


class Membership(models.Model):
    """One user's role with one organiser."""

    organiser = models.ForeignKey(Organiser, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organiser", "user"], name="membership_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.get_role_display()} of {self.organiser}"
