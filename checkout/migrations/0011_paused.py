"""Has a hold refused for a ticket type that its organiser has paused."""

from django.db import migrations

from kit import sql


class Migration(migrations.Migration):
    dependencies = [("checkout", "0008_questions"), ("events", "0008_organise")]
    operations = [sql.install("checkout", "take_hold")]
