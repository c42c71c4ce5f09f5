"""Has a hold refused for a ticket type that its organiser has paused."""

from django.db import migrations

from kit import sql


class Migration(migrations.Migration):
    dependencies = [("checkout", "0010_numbers"), ("events", "0011_organise")]
    operations = [sql.install("checkout", "take_hold")]
