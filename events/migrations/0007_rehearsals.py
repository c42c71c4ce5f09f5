"""Lets an event be the rehearsal of another one, and has it stay that."""

import django.db.models.deletion
from django.db import migrations, models

from kit import sql


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0006_waiting_list'),
    ]

    operations = [
        migrations.AddField(
            model_name='event',
            name='rehearsal_of',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rehearsed_by', to='events.event'),
        ),
        sql.install("events", "rehearsals"),
    ]
