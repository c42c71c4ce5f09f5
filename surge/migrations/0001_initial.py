"""Makes the record of rehearsals."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('events', '0007_rehearsals'),
    ]

    operations = [
        migrations.CreateModel(
            name='RehearsalRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('running', 'Running'), ('passed', 'Passed'), ('failed', 'Failed'), ('unproven', 'Not proven'), ('aborted', 'Aborted')], default='running', max_length=10)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('commit', models.CharField(max_length=40)),
                ('settings', models.JSONField(default=dict)),
                ('flags', models.JSONField(default=dict)),
                ('shape', models.JSONField(default=dict)),
                ('hardware', models.JSONField(default=dict)),
                ('figures', models.JSONField(default=dict)),
                ('payments_url', models.CharField(blank=True, help_text='Of the fake that stood in for Stripe.', max_length=200)),
                ('payments_secret', models.CharField(blank=True, help_text='What that fake signed its notices with.', max_length=100)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rehearsal_runs', to='events.event')),
                ('rehearsal', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='rehearsal_run', to='events.event')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['running', 'passed', 'failed', 'unproven', 'aborted'])), name='rehearsal_run_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='rehearsal_run_ended_has_a_time'), models.CheckConstraint(condition=models.Q(('payments_url', ''), models.Q(('payments_url__regex', '^https?://'), models.Q(('payments_url__iregex', 'stripe\\.com'), _negated=True)), _connector='OR'), name='rehearsal_run_pays_at_a_fake')],
            },
        ),
    ]
