"""Raises Event.version when a grant to the event or to its organiser changes."""

from django.db import migrations

from kit import sql


class Migration(migrations.Migration):
    dependencies = [("events", "0004_indexes"), ("flags", "0003_life")]
    operations = [sql.install("events", "version_by_grants")]
