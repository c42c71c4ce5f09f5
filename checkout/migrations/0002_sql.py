"""Installs the functions that move stock and the guards on orders."""

from django.db import migrations

from kit import sql


class Migration(migrations.Migration):
    dependencies = [("checkout", "0001_initial"), ("events", "0002_sql")]
    operations = [
        sql.install("checkout", "guards"),
        sql.install("checkout", "take_hold"),
        sql.install("checkout", "give_back"),
        sql.install("checkout", "availability"),
        sql.install("checkout", "ledger"),
    ]
