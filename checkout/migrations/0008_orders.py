"""What organisers do with orders: reversals, jobs over many orders, search, orders given away."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

from kit import sql


class Migration(migrations.Migration):

    dependencies = [
        ('checkout', '0007_codes'),
        ('events', '0009_codes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('resend', 'Send tickets again'), ('cancel', 'Cancel orders')], max_length=10)),
                ('key', models.UUIDField(help_text='Two requests with one key make one job.')),
                ('sends_money_back', models.BooleanField(default=False)),
                ('is_back_on_sale', models.BooleanField(default=False)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('total', models.PositiveIntegerField()),
                ('done', models.PositiveIntegerField(default=0)),
                ('failed', models.PositiveIntegerField(default=0)),
                ('by', models.CharField(max_length=80)),
                ('created_at', models.DateTimeField()),
                ('stopped_at', models.DateTimeField(blank=True, help_text='When somebody asked it to stop.', null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='JobOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('failed_at', models.DateTimeField(blank=True, null=True)),
                ('problem', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Reversal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='Two requests with one key make one reversal.', max_length=80)),
                ('ticket_numbers', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list, size=None)),
                ('tickets_minor', models.PositiveBigIntegerField()),
                ('amount_minor', models.PositiveBigIntegerField()),
                ('is_back_on_sale', models.BooleanField()),
                ('is_by_hand', models.BooleanField()),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('by', models.CharField(max_length=80)),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='mail',
            name='bounced_at',
            field=models.DateTimeField(blank=True, help_text='When its address was refused for good.', null=True),
        ),
        migrations.AddField(
            model_name='refund',
            name='is_by_hand',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name='mail',
            name='kind',
            field=models.CharField(choices=[('tickets', 'Your tickets'), ('found_tickets', 'Late payment, tickets found'), ('refunded', 'Refunded'), ('cancelled', 'Cancelled'), ('taken_back', 'Tickets or money taken back')], max_length=20),
        ),
        migrations.AlterField(
            model_name='orderevent',
            name='note',
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AddIndex(
            model_name='mail',
            index=models.Index(condition=models.Q(('failed_at__isnull', False)), fields=['order'], name='mail_failed'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('email', ''), _negated=True), fields=['event', '-id'], name='order_listed'),
        ),
        migrations.AddConstraint(
            model_name='mail',
            constraint=models.CheckConstraint(condition=models.Q(('bounced_at', None), ('failed_at__isnull', False), _connector='OR'), name='mail_bounced_failed'),
        ),
        migrations.AddField(
            model_name='job',
            name='event',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='jobs', to='events.event'),
        ),
        migrations.AddField(
            model_name='joborder',
            name='job',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='orders', to='checkout.job'),
        ),
        migrations.AddField(
            model_name='joborder',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='checkout.order'),
        ),
        migrations.AddField(
            model_name='reversal',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='checkout.order'),
        ),
        migrations.AddField(
            model_name='refund',
            name='reversal',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='checkout.reversal'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(condition=models.Q(('state', 'failed')), fields=['payment'], name='refund_failed'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('is_by_hand', False), models.Q(('provider_reference', ''), ('state', 'done')), _connector='OR'), name='refund_by_hand_is_done'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('finished_at', None)), fields=['id'], name='job_unfinished'),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.UniqueConstraint(fields=('event', 'key'), name='job_once_per_key'),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['resend', 'cancel'])), name='job_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.CheckConstraint(condition=models.Q(('total__gte', django.db.models.expressions.CombinedExpression(models.F('done'), '+', models.F('failed')))), name='job_counts_within_total'),
        ),
        migrations.AddIndex(
            model_name='joborder',
            index=models.Index(condition=models.Q(('done_at', None), ('failed_at', None)), fields=['job', 'id'], name='job_order_left'),
        ),
        migrations.AddConstraint(
            model_name='joborder',
            constraint=models.UniqueConstraint(fields=('job', 'order'), name='job_order_once'),
        ),
        migrations.AddConstraint(
            model_name='joborder',
            constraint=models.CheckConstraint(condition=models.Q(('done_at', None), ('failed_at', None), _connector='OR'), name='job_order_done_or_failed'),
        ),
        migrations.AddConstraint(
            model_name='reversal',
            constraint=models.UniqueConstraint(fields=('key',), name='reversal_once_per_key'),
        ),
        migrations.AddConstraint(
            model_name='reversal',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), models.Q(('ticket_numbers', []), _negated=True), _connector='OR'), name='reversal_of_something'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), ('done_at__isnull', False), _connector='OR'), name='refund_done_has_a_time'),
        ),
        migrations.AddConstraint(
            model_name='reversal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ticket_numbers', []), _negated=True), ('tickets_minor', 0), _connector='OR'), name='reversal_price_is_of_tickets'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('refunded_minor__gt', 0)), fields=['order'], name='payment_refunded'),
        ),
        sql.install("checkout", "guards"),
        sql.install("checkout", "search"),
        sql.install("checkout", "void_tickets"),
        sql.install("checkout", "give_tickets"),
        sql.install("checkout", "ledger"),
        sql.install("checkout", "remove_rehearsal"),
    ]
