"""Organisers: making one."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts.actions import log
from accounts.models import RESERVED_SLUGS, Membership, Organiser, Role, User


class SlugTaken(Exception):
    """Another organiser has this address."""


@transaction.atomic
def create(*, name: str, slug: str, contact_email: str, by: User, now: datetime) -> Organiser:
    """Makes an organiser whose owner is `by`. Raises SlugTaken."""
    try:
        with transaction.atomic():
            organiser = Organiser.objects.create(name=name, slug=slug, contact_email=contact_email)
    except IntegrityError as fault:
        raise SlugTaken(slug) from fault
    Membership.objects.create(organiser=organiser, user=by, role=Role.OWNER)
    log.record(
        organiser=organiser, by=by, kind="organiser-created", said=f"{name} was created, at /{slug}/.", now=now,
        details={"contact_email": contact_email},
    )  # fmt: skip
    return organiser


def free_slug(name: str) -> str:
    """An address that nobody has at the moment, made from a name; empty if the name has no letter or digit for one."""
    slug = slugify(name)[:50].strip("-").replace("_", "-")
    taken = set(Organiser.objects.filter(slug__startswith=slug).values_list("slug", flat=True)) | RESERVED_SLUGS
    numbered = (f"{slug}-{number}" for number in range(2, len(taken) + 3))
    return next((one for one in (slug, *numbered) if one not in taken), "") if slug else ""
