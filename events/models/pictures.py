"""Picture: what an event looks like. Image: one file of it, named by what it holds."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from events.models.events import Event

MOST_BYTES = 4_000_000


class Format(models.TextChoices):
    """How an image's bytes are to be read; also how its address ends."""

    WEBP = "webp", "WebP"
    JPEG = "jpg", "JPEG"


class Image(models.Model):
    """Finished bytes that never change. The same bytes are kept once, whoever shows them."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    format = models.CharField(max_length=4, choices=Format.choices)
    content = models.BinaryField(max_length=MOST_BYTES)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="image_sha256_shape"),
            models.CheckConstraint(condition=Q(format__in=Format.values), name="image_format_known"),
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]}.{self.format}"


class Picture(models.Model):
    """An event's picture, in a few widths. `width` and `height`, in pixels, are those of `large`."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, primary_key=True, related_name="picture")
    alt = models.CharField(max_length=300, blank=True)
    width = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    height = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    small = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="+")
    medium = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="+")
    large = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="+")
    shared = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="+")  # a JPEG, for other sites' cards

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(width__gte=1, height__gte=1), name="picture_has_size"),
        ]

    def __str__(self) -> str:
        return f"Picture of {self.event}"
