"""Makes the waiting list, and has the number that pages say of it raise Event.version."""

import django.db.models.deletion
import kit.tokens
from django.db import migrations, models

from kit import sql


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0005_version_by_grants'),
    ]

    operations = [
        migrations.CreateModel(
            name='WaitingList',
            fields=[
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='waiting_list', serialize=False, to='events.event')),
                ('shown', models.PositiveIntegerField(default=0, verbose_name='people')),
                ('next_round_at', models.DateTimeField(help_text='Before then nobody more is written to.')),
            ],
        ),
        migrations.CreateModel(
            name='Waiting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, null=True, verbose_name='e-mail')),
                ('wanted', models.SmallIntegerField(verbose_name='tickets wanted')),
                ('token', models.CharField(default=kit.tokens.url_token, editable=False, max_length=40)),
                ('created_at', models.DateTimeField(verbose_name='joined')),
                ('is_counted', models.BooleanField(default=False, help_text="In what the event's page says.")),
                ('confirm_at', models.DateTimeField(blank=True, help_text='When to write that they are on the list.', null=True)),
                ('tell_at', models.DateTimeField(blank=True, help_text='When to write that there are tickets.', null=True)),
                ('told_at', models.DateTimeField(blank=True, help_text='When it was last their turn.', null=True, verbose_name='last told')),
                ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='waiting', to='events.event')),
            ],
            options={
                'verbose_name': 'person waiting',
                'verbose_name_plural': 'people waiting',
                'ordering': ['id'],
                'indexes': [models.Index(condition=models.Q(('is_counted', False)), fields=['event'], name='waiting_to_count'), models.Index(condition=models.Q(('confirm_at__isnull', False)), fields=['confirm_at'], name='waiting_to_confirm'), models.Index(condition=models.Q(('tell_at__isnull', False)), fields=['tell_at'], name='waiting_to_tell')],
                'constraints': [models.UniqueConstraint(fields=('event', 'email'), name='waiting_once_per_address'), models.UniqueConstraint(fields=('token',), name='waiting_token_once'), models.CheckConstraint(condition=models.Q(('wanted__range', (1, 10))), name='waiting_wants_some'), models.CheckConstraint(condition=models.Q(('email__isnull', False), models.Q(('confirm_at', None), ('tell_at', None)), _connector='OR'), name='waiting_left_gets_no_mail')],
            },
        ),
        sql.install("events", "version_by_waiting"),
    ]
