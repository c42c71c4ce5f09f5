"""Makes codes with their uses, and has them raise Event.version."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

from kit import sql


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0008_money'),
    ]

    operations = [
        migrations.CreateModel(
            name='Code',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(help_text='What buyers type. Capitals and small letters are the same.', max_length=40, validators=[django.core.validators.RegexValidator('^[A-Z0-9][A-Z0-9_-]{0,39}$', 'Use letters, digits, - and _, at most 40, and begin with neither sign.')])),
                ('percent', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='percent off')),
                ('amount_minor', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='amount off (minor units)')),
                ('ticket_type_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, null=True, size=None)),
                ('reveals_secret', models.BooleanField(default=False)),
                ('fewest_tickets', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(500)])),
                ('starts_at', models.DateTimeField(blank=True, null=True)),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('is_on', models.BooleanField(default=True)),
                ('note', models.CharField(blank=True, help_text='For yourselves; buyers never see it.', max_length=200)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='events.event')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='CodeUse',
            fields=[
                ('code', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='use', serialize=False, to='events.code')),
                ('capacity', models.IntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='most uses')),
                ('used', models.IntegerField(default=0, editable=False)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('used__gte', 0), models.Q(('capacity', None), ('used__lte', models.F('capacity')), _connector='OR')), name='code_never_overused')],
            },
        ),
        migrations.AddConstraint(
            model_name='code',
            constraint=models.UniqueConstraint(fields=('event', 'text'), name='code_once_per_event', violation_error_message='There is a code with this text already.'),
        ),
        migrations.AddConstraint(
            model_name='code',
            constraint=models.CheckConstraint(condition=models.Q(('text__regex', '^[A-Z0-9][A-Z0-9_-]{0,39}$')), name='code_text_shape'),
        ),
        migrations.AddConstraint(
            model_name='code',
            constraint=models.CheckConstraint(condition=models.Q(('percent', None), ('percent__range', (1, 100)), _connector='OR'), name='code_percent_range'),
        ),
        migrations.AddConstraint(
            model_name='code',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor', None), ('amount_minor__range', (1, 99999999)), _connector='OR'), name='code_amount_range'),
        ),
        migrations.AddConstraint(
            model_name='code',
            constraint=models.CheckConstraint(condition=models.Q(('percent', None), ('amount_minor', None), _connector='OR'), name='code_percent_or_amount', violation_error_message='Take off a percentage or an amount, not both.'),
        ),
        migrations.AddConstraint(
            model_name='code',
            constraint=models.CheckConstraint(condition=models.Q(('percent__isnull', False), ('amount_minor__isnull', False), ('reveals_secret', True), _connector='OR'), name='code_does_something', violation_error_message='Let the code take something off, or show secret ticket types.'),
        ),
        migrations.AddConstraint(
            model_name='code',
            constraint=models.CheckConstraint(condition=models.Q(('fewest_tickets__range', (1, 500))), name='code_fewest_range'),
        ),
        migrations.AddConstraint(
            model_name='code',
            constraint=models.CheckConstraint(condition=models.Q(('starts_at', None), ('ends_at', None), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='code_ends_after_start', violation_error_message='The code must end after it starts.'),
        ),
        sql.install("events", "codes"),
    ]
