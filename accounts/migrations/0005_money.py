"""Stripe accounts of organisers, and their terms."""

import accounts.models.organisers
import django.db.models.deletion
import kit.tokens
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_invitations'),
    ]

    operations = [
        migrations.AddField(
            model_name='organiser',
            name='refund_policy',
            field=models.TextField(blank=True, db_default='', default='', help_text='Shown to buyers before they pay. An event may have another. Markdown.', max_length=4000),
        ),
        migrations.AddField(
            model_name='organiser',
            name='statement_name',
            field=models.CharField(blank=True, db_default='', default='', help_text="What buyers read on the statement of their card, after the account's own prefix.", max_length=20, validators=[accounts.models.organisers.validate_statement_name]),
        ),
        migrations.CreateModel(
            name='StripeAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(default=kit.tokens.url_token, editable=False, max_length=40)),
                ('stripe_id', models.CharField(help_text='As Stripe calls the account: acct_…', max_length=255)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('statement_prefix', models.CharField(blank=True, help_text='What Stripe puts first on statements of cards.', max_length=22)),
                ('is_live', models.BooleanField(help_text="Whether money moves: no for a key of Stripe's test mode.")),
                ('key_ends', models.CharField(help_text='The last four characters of the key.', max_length=4)),
                ('sealed_key', models.TextField(blank=True)),
                ('sealed_webhook_secret', models.TextField(blank=True)),
                ('webhook_id', models.CharField(blank=True, help_text='The endpoint at Stripe, where we made it.', max_length=255)),
                ('created_at', models.DateTimeField()),
                ('checked_at', models.DateTimeField(help_text='When Stripe last took the key.')),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('organiser', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stripe_accounts', to='accounts.organiser')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(fields=('token',), name='stripe_account_token_once'), models.UniqueConstraint(condition=models.Q(('retired_at', None)), fields=('organiser',), name='stripe_account_one_current'), models.CheckConstraint(condition=models.Q(models.Q(('sealed_key', ''), ('sealed_key__startswith', 'gAAAAA'), _connector='OR'), models.Q(('sealed_webhook_secret', ''), ('sealed_webhook_secret__startswith', 'gAAAAA'), _connector='OR')), name='stripe_account_is_sealed'), models.CheckConstraint(condition=models.Q(('retired_at__isnull', False), models.Q(('sealed_key', ''), _negated=True), _connector='OR'), name='stripe_account_current_has_a_key')],
            },
        ),
    ]
