"""The numbers that the worker keeps, and exports. The first pass of the duty reads all history that there is."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from kit import sql


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_teams'),
        ('checkout', '0008_questions'),
        ('events', '0007_rehearsals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Counted',
            fields=[
                ('order_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('lines', models.JSONField()),
            ],
            options={
                'verbose_name_plural': 'counted',
            },
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(help_text='Two requests with one key make one export.')),
                ('kind', models.CharField(choices=[('orders', 'Orders'), ('attendees', 'Attendees'), ('money', 'Money')], max_length=10)),
                ('state', models.CharField(choices=[('sold', 'Bought, cancelled later or not'), ('complete', 'Bought and not cancelled'), ('cancelled', 'Bought and cancelled later'), ('every', 'All, with holds that lapsed or are open')], default='sold', max_length=10)),
                ('from_date', models.DateField(blank=True, null=True)),
                ('to_date', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('next_attempt_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('ready_at', models.DateTimeField(blank=True, null=True)),
                ('failed_at', models.DateTimeField(blank=True, null=True)),
                ('rows', models.PositiveIntegerField(default=0)),
                ('is_scheduled', models.BooleanField(default=False, help_text='Made by itself, so its mail is owed when it is ready.')),
                ('tell_at', models.DateTimeField(blank=True, help_text='When to try to send the mail that it is ready.', null=True)),
                ('told_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ExportPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('content', models.BinaryField()),
            ],
            options={
                'ordering': ['export', 'number'],
            },
        ),
        migrations.CreateModel(
            name='ExportSchedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('orders', 'Orders'), ('attendees', 'Attendees'), ('money', 'Money')], max_length=10)),
                ('every', models.CharField(choices=[('day', 'Every day'), ('week', 'Every week, on Monday')], max_length=10)),
                ('created_at', models.DateTimeField()),
                ('next_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Number',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('grain', models.SmallIntegerField(choices=[(0, 'All of it'), (1, 'A quarter of an hour'), (2, 'A minute')])),
                ('at', models.DateTimeField()),
                ('holds', models.BigIntegerField(default=0)),
                ('lapsed', models.BigIntegerField(default=0)),
                ('orders', models.BigIntegerField(default=0)),
                ('held', models.BigIntegerField(default=0)),
                ('sold', models.BigIntegerField(default=0)),
                ('voided', models.BigIntegerField(default=0)),
                ('gross_minor', models.BigIntegerField(default=0)),
                ('refunded_minor', models.BigIntegerField(default=0)),
                ('refunding_minor', models.BigIntegerField(default=0)),
                ('stray_minor', models.BigIntegerField(default=0)),
                ('stray_back_minor', models.BigIntegerField(default=0)),
            ],
            options={
                'ordering': ['event', 'grain', 'at'],
            },
        ),
        migrations.CreateModel(
            name='NumbersMark',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('seen', models.BigIntegerField(default=0)),
                ('holes', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('old_holes', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('old_since', models.BigIntegerField(default=0, help_text='Whoever writes in `old_holes` has a lower transaction.')),
            ],
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('completed_at__isnull', False)), fields=['event', 'completed_at', 'id'], name='order_sold_by_time'),
        ),
        migrations.AddField(
            model_name='export',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exports', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='export',
            name='event',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='exports', to='events.event'),
        ),
        migrations.AddField(
            model_name='exportpart',
            name='export',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='checkout.export'),
        ),
        migrations.AddField(
            model_name='exportschedule',
            name='event',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='export_schedules', to='events.event'),
        ),
        migrations.AddField(
            model_name='exportschedule',
            name='membership',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='export_schedules', to='accounts.membership'),
        ),
        migrations.AddField(
            model_name='number',
            name='event',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='events.event'),
        ),
        migrations.AddField(
            model_name='number',
            name='ticket_type',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='events.tickettype'),
        ),
        migrations.AddConstraint(
            model_name='numbersmark',
            constraint=models.CheckConstraint(condition=models.Q(('id', 1)), name='numbers_mark_is_one'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(condition=models.Q(('failed_at', None), ('ready_at', None)), fields=['next_attempt_at'], name='export_waiting'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(condition=models.Q(('tell_at__isnull', False)), fields=['tell_at'], name='export_to_tell'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['created_at'], name='export_by_age'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.UniqueConstraint(fields=('event', 'key'), name='export_once_per_key'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['orders', 'attendees', 'money'])), name='export_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['sold', 'complete', 'cancelled', 'every'])), name='export_state_known'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(('ready_at', None), ('failed_at', None), _connector='OR'), name='export_ready_or_failed'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(('tell_at', None), ('ready_at__isnull', False), _connector='OR'), name='export_told_when_ready'),
        ),
        migrations.AddConstraint(
            model_name='exportpart',
            constraint=models.UniqueConstraint(fields=('export', 'number'), name='export_part_once'),
        ),
        migrations.AddIndex(
            model_name='exportschedule',
            index=models.Index(fields=['next_at'], name='export_schedule_by_time'),
        ),
        migrations.AddConstraint(
            model_name='exportschedule',
            constraint=models.UniqueConstraint(fields=('event', 'membership', 'kind', 'every'), name='export_schedule_once_per_member'),
        ),
        migrations.AddConstraint(
            model_name='exportschedule',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['orders', 'attendees', 'money'])), name='export_schedule_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='exportschedule',
            constraint=models.CheckConstraint(condition=models.Q(('every__in', ['day', 'week'])), name='export_schedule_every_known'),
        ),
        migrations.AddConstraint(
            model_name='number',
            constraint=models.UniqueConstraint(fields=('event', 'grain', 'ticket_type', 'at'), name='number_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='number',
            constraint=models.CheckConstraint(condition=models.Q(('grain__in', [0, 1, 2])), name='number_grain_known'),
        ),
        sql.install("checkout", "numbers"),
        sql.install("checkout", "ledger_of_numbers"),
        sql.install("checkout", "remove_rehearsal"),
    ]
