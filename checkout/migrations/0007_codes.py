"""Lets an order have a code: what it took off, and its uses, which move with the stock."""

import django.db.models.deletion
from django.db import migrations, models

from kit import sql


class Migration(migrations.Migration):

    dependencies = [
        ('checkout', '0006_money'),
        ('events', '0009_codes'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='code',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='events.code'),
        ),
        migrations.AddField(
            model_name='order',
            name='code_text',
            field=models.CharField(blank=True, db_default='', default='', max_length=40),
        ),
        migrations.AddField(
            model_name='ticket',
            name='discount_minor',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('code__isnull', False)), fields=['code', '-id'], name='order_by_code'),
        ),
        sql.install("checkout", "codes"),
        sql.install("checkout", "take_hold"),
        sql.install("checkout", "give_back"),
        sql.install("checkout", "remove_rehearsal"),
    ]
