"""Raises Event.version when the organiser or a grant changes."""

from django.db import migrations

from kit import sql


class Migration(migrations.Migration):
    dependencies = [("events", "0002_sql"), ("accounts", "0001_initial"), ("flags", "0001_initial")]
    operations = [sql.install("events", "version_elsewhere")]
