"""waffle's Flag, made our own: with an owner, a life, a budget, and other flags that it requires.

The model is swapped in from the first migration: Django cannot swap it later.
"""

from typing import Any, ClassVar, Final

import structlog
from django.db import models
from django.db.models import F, Q
from django.http import HttpRequest
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError
from waffle.models import AbstractUserFlag

log = structlog.stdlib.get_logger("flags")


class Kind(models.TextChoices):
    """What a flag is for, and so how long it may live: a release flag must have an end."""

    RELEASE = "release", "Release: a feature on its way to everyone"
    OPERATIONS = "operations", "Operations: something to switch off under load"
    PERMISSION = "permission", "Permission: a feature that some have"


class Stage(models.TextChoices):
    """Where a flag stands. Draft and retired are off for everyone, whatever is granted; trial and beta are off unless
    granted; general is on unless granted off. Unstaged is what was there before stages: waffle's `everyone` decides.

    It goes up a step at a time, down as far as need be, and can be retired from anywhere; what was retired begins
    anew as a draft. A trigger (flags/sql/guards.sql) refuses any other step.
    """

    DRAFT = "draft", "Draft"
    TRIAL = "trial", "Trial"
    BETA = "beta", "Beta"
    GENERAL = "general", "General"
    RETIRED = "retired", "Retired"
    UNSTAGED = "unstaged", "Unstaged"

    def may_become(self, to: "Stage") -> bool:
        if to in {Stage.UNSTAGED, self}:
            return False
        if self == Stage.UNSTAGED or to == Stage.RETIRED:
            return True
        if self == Stage.RETIRED:
            return to == Stage.DRAFT
        return LADDER.index(to) <= LADDER.index(self) + 1


LADDER: Final = (Stage.DRAFT, Stage.TRIAL, Stage.BETA, Stage.GENERAL)


class FlagManager(models.Manager["Flag"]):
    """waffle's own asks Redis at each creation, and fails when it is away; ours leaves that to `flush`."""

    def get_by_natural_key(self, name: str) -> "Flag":
        return self.get(name=name)


class Flag(AbstractUserFlag):
    """A switch over an in-development feature.

    What its feature's code declares (flags/registry.py) `manage.py flags sync` writes here. Stage and kill switch are
    changed by acts (flags/actions/flags.py), and every change leaves a row in Change, by trigger.
    """

    owner = models.EmailField("owner's e-mail", max_length=254, blank=True)
    purpose = models.CharField(max_length=300, blank=True, help_text="What it is for.")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.OPERATIONS)
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.DRAFT)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Off from then on. A release flag must have it.")
    is_killed = models.BooleanField("killed", default=False, help_text="Off for everyone, whatever else is said.")
    is_declared = models.BooleanField("declared", default=False, editable=False, help_text="There is code for it.")
    budget_queries = models.PositiveSmallIntegerField(
        "extra queries", null=True, blank=True, help_text="At most, for each request."
    )
    budget_ms = models.PositiveSmallIntegerField(
        "extra database time", null=True, blank=True, help_text="Milliseconds for each request at the 95th percentile."
    )
    only_warns = models.BooleanField(
        "dry run", default=False, help_text="Over its budget it is not switched off; what would have been done is said."
    )
    last_asked_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When code last asked whether it is on, to the hour."
    )
    prerequisites = models.ManyToManyField(
        "self", through="Prerequisite", through_fields=("flag", "requires"), symmetrical=False,
        related_name="required_by", help_text="Off where one of these is off.",
    )  # fmt: skip

    objects: ClassVar[FlagManager] = FlagManager()  # type: ignore[assignment]  # in place of waffle's

    class Meta(AbstractUserFlag.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="flag_kind_known"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="flag_stage_known"),
            models.CheckConstraint(
                condition=~Q(kind=Kind.RELEASE) | Q(expires_at__isnull=False),
                name="flag_of_a_release_expires",
                violation_error_message="A release flag must have an end.",
            ),
            models.CheckConstraint(
                condition=Q(is_declared=False)
                | ~Q(owner="") & ~Q(purpose="") & Q(budget_queries__isnull=False, budget_ms__isnull=False),
                name="flag_declared_is_complete",
            ),
        ]

    def is_active(self, request: HttpRequest, read_only: bool = False) -> bool | None:
        """waffle's own answer, for staff's pages: its users, groups and cookies. A killed flag is off there too."""
        if self.is_killed:
            return False
        answer: bool | None = super().is_active(request, read_only)
        return answer

    def flush(self) -> None:
        """Have waffle forget its copies, which it keeps in Redis. A change must not fail because Redis is away."""
        try:
            super().flush()
        except (ConnectionInterrupted, RedisError, OSError) as fault:
            log.warning("flag not taken out of Redis", flag=self.name, fault=str(fault))


class Prerequisite(models.Model):
    """`flag` is off wherever `requires` is off. A trigger refuses circles."""

    flag = models.ForeignKey[Any, Any](Flag, on_delete=models.CASCADE, related_name="requirements", db_index=False)
    requires = models.ForeignKey[Any, Any](Flag, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["flag", "requires"], name="prerequisite_once"),
            models.CheckConstraint(condition=~Q(flag=F("requires")), name="prerequisite_is_another"),
        ]

    def __str__(self) -> str:
        return str(self.requires)
