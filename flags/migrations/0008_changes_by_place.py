"""The log of one event and of one organiser, by index."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_teams'),
        ('events', '0007_rehearsals'),
        ('flags', '0007_failed_evidence'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='change',
            index=models.Index(condition=models.Q(('event__isnull', False)), fields=['event', '-id'], name='change_by_event'),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(condition=models.Q(('organiser__isnull', False)), fields=['organiser', '-id'], name='change_by_organiser'),
        ),
    ]
