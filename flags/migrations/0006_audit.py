"""The audit's triggers anew: that a flag was asked for is no change."""

from django.db import migrations

from kit import sql


class Migration(migrations.Migration):
    dependencies = [("flags", "0005_costs")]
    operations = [sql.install("flags", "audit")]
