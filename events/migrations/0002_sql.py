"""Installs the triggers behind Event.version and the guards on quotas."""

from django.db import migrations

from kit import sql


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [sql.install("events", "version"), sql.install("events", "guards")]
