"""Installs the ticker again: it looks only at what may have changed, by the indexes that the events' room has got."""

from django.db import migrations

from kit import sql


class Migration(migrations.Migration):
    dependencies = [("checkout", "0003_indexes"), ("events", "0004_indexes")]
    operations = [sql.install("checkout", "availability")]
