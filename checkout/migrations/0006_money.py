"""Payments know their account; play money; and what the database asks of both."""

import django.db.models.deletion
from django.db import migrations, models

from kit import sql


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_money'),
        ('checkout', '0005_rehearsals'),
        ('events', '0008_money'),
    ]

    operations = [
        migrations.CreateModel(
            name='PretendPayment',
            fields=[
                ('payment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='pretended', serialize=False, to='checkout.payment')),
                ('state', models.CharField(choices=[('open', 'Open'), ('paid', 'Paid'), ('expired', 'Expired')], default='open', max_length=10)),
                ('amount_minor', models.PositiveBigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('problem', models.CharField(blank=True, help_text='Why the last try was declined.', max_length=300)),
            ],
        ),
        migrations.AddField(
            model_name='payment',
            name='account',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='accounts.stripeaccount'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('account__isnull', False)), fields=['account'], name='payment_of_account'),
        ),
        migrations.AddConstraint(
            model_name='pretendpayment',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'paid', 'expired'])), name='pretend_payment_state_known'),
        ),
        sql.install("checkout", "takers"),
        sql.install("checkout", "test_mode"),
        sql.install("checkout", "guards"),
        sql.install("checkout", "give_back"),
        sql.install("checkout", "remove_rehearsal"),
    ]
