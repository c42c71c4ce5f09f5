"""Makes questions with their versions, and has them raise Event.version."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
from django.db import migrations, models

from kit import sql


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0009_codes'),
    ]

    operations = [
        migrations.AddField(
            model_name='event',
            name='question_count',
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=80, validators=[django.core.validators.RegexValidator('^[a-z0-9]+(-[a-z0-9]+)*$', 'Use small letters, digits and single hyphens.')])),
                ('position', models.PositiveIntegerField()),
                ('is_per_ticket', models.BooleanField(default=True, verbose_name='asked for each ticket')),
                ('is_required', models.BooleanField(default=False, verbose_name='required')),
                ('is_before_payment', models.BooleanField(default=False, verbose_name='asked before payment')),
                ('is_for_all', models.BooleanField(default=True, verbose_name='for all ticket types')),
                ('only_if_values', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                ('answers_editable_until', models.DateTimeField(blank=True, help_text='Until when buyers may change answers: by default, until the event starts.', null=True)),
                ('archived_at', models.DateTimeField(blank=True, null=True)),
                ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='events.event')),
                ('only_if', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='dependents', to='events.question')),
            ],
            options={
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='QuestionTarget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='targets', to='events.question')),
                ('ticket_type', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='targets', to='events.tickettype')),
            ],
        ),
        migrations.AddField(
            model_name='question',
            name='ticket_types',
            field=models.ManyToManyField(related_name='questions', through='events.QuestionTarget', to='events.tickettype'),
        ),
        migrations.CreateModel(
            name='QuestionVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('text', 'A line of text'), ('long', 'Longer text'), ('choice', 'One of several choices'), ('several', 'Any number of choices'), ('country', 'A country'), ('date', 'A date'), ('file', 'A file (PDF, JPEG or PNG)'), ('terms', 'Terms to agree to')], max_length=10)),
                ('label', models.CharField(max_length=200, verbose_name='question')),
                ('help_text', models.TextField(blank=True, max_length=1000, validators=[django.core.validators.MaxLengthValidator(1000)], verbose_name='help')),
                ('choices', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                ('made_at', models.DateTimeField()),
                ('question', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='events.question')),
            ],
            options={
                'ordering': ['question', 'number'],
            },
        ),
        migrations.AddConstraint(
            model_name='questiontarget',
            constraint=models.UniqueConstraint(fields=('question', 'ticket_type'), name='question_target_once'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(fields=('event', 'slug'), name='question_slug_once_per_event'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('event', 'position'), name='question_position_once'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('slug__regex', '^[a-z0-9]+(-[a-z0-9]+)*$')), name='question_slug_shape'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('only_if', None), ('only_if_values__len', 0)), models.Q(('only_if__isnull', False), ('only_if_values__len__range', (1, 50))), _connector='OR'), name='question_only_if_has_values'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('only_if', None), models.Q(('only_if', models.F('id')), _negated=True), _connector='OR'), name='question_not_on_itself'),
        ),
        migrations.AddConstraint(
            model_name='questionversion',
            constraint=models.UniqueConstraint(fields=('question', 'number'), name='question_version_number_once'),
        ),
        migrations.AddConstraint(
            model_name='questionversion',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['text', 'long', 'choice', 'several', 'country', 'date', 'file', 'terms'])), name='question_version_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='questionversion',
            constraint=models.CheckConstraint(condition=models.Q(('label', ''), _negated=True), name='question_version_has_words'),
        ),
        migrations.AddConstraint(
            model_name='questionversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('choices__len__range', (1, 50)), ('kind__in', ('choice', 'several'))), models.Q(models.Q(('kind__in', ('choice', 'several')), _negated=True), ('choices__len', 0)), _connector='OR'), name='question_version_choices_by_kind'),
        ),
        sql.install("events", "questions"),
    ]
