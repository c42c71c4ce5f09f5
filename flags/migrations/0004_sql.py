"""Installs the guards on flags and their audit."""

from django.db import migrations

from kit import sql


class Migration(migrations.Migration):
    dependencies = [("flags", "0003_life")]
    operations = [sql.install("flags", "guards"), sql.install("flags", "audit")]
