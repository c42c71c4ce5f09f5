"""Limits members to chosen events, and keeps a log of what is done."""

import django.db.models.deletion
from django.db import migrations, models

from kit import sql


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_indexes'),
        ('events', '0007_rehearsals'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='is_limited',
            field=models.BooleanField(db_default=False, default=False, verbose_name='only chosen events'),
        ),
        migrations.CreateModel(
            name='Chosen',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chosen_for', to='events.event')),
                ('membership', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='chosen', to='accounts.membership')),
            ],
            options={
                'verbose_name': 'chosen event',
            },
        ),
        migrations.AddField(
            model_name='membership',
            name='events',
            field=models.ManyToManyField(help_text='The chosen ones.', related_name='limited_memberships', through='accounts.Chosen', to='events.event'),
        ),
        migrations.CreateModel(
            name='LogEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.BigIntegerField(blank=True, null=True, verbose_name="event's number")),
                ('event_title', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField()),
                ('by_id', models.BigIntegerField(blank=True, null=True, verbose_name="user's number")),
                ('by', models.CharField(help_text="The person's name, or `the system`.", max_length=200)),
                ('kind', models.CharField(max_length=40)),
                ('said', models.CharField(max_length=500)),
                ('details', models.JSONField(blank=True, default=dict)),
                ('organiser', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='log', to='accounts.organiser')),
            ],
            options={
                'verbose_name_plural': 'log entries',
                'ordering': ['-id'],
            },
        ),
        migrations.AddConstraint(
            model_name='chosen',
            constraint=models.UniqueConstraint(fields=('membership', 'event'), name='chosen_once'),
        ),
        migrations.AddIndex(
            model_name='logentry',
            index=models.Index(fields=['organiser', '-id'], name='log_of_organiser'),
        ),
        migrations.AddIndex(
            model_name='logentry',
            index=models.Index(fields=['event_id', '-id'], name='log_of_event'),
        ),
        sql.install("accounts", "log"),
    ]
