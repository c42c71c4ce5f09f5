"""Lets evidence say that a flag did not bear a rehearsal, and why."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flags", "0006_audit")]
    operations = [
        migrations.AddField(
            model_name="evidence",
            name="against",
            field=models.CharField(
                "found against it", blank=True, default="", max_length=300,
                help_text="What the flag did not bear. Leave it empty if it held.",
            ),
            preserve_default=False,
        )
    ]  # fmt: skip
