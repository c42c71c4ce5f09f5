"""Test mode, and refund terms of one event."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_money'),
        ('events', '0007_rehearsals'),
    ]

    operations = [
        migrations.AddField(
            model_name='event',
            name='is_test',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name='event',
            name='refund_policy',
            field=models.TextField(blank=True, db_default='', default='', help_text="Shown to buyers before they pay, in place of the organiser's. Markdown.", max_length=4000),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(('is_test', False), ('rehearsal_of', None), _connector='OR'), name='event_test_or_rehearsal'),
        ),
    ]
