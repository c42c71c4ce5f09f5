"""Mail that a rehearsal holds back, and the one way by which an order's history goes: with its rehearsal."""

from django.db import migrations, models

from kit import sql


class Migration(migrations.Migration):

    dependencies = [
        ('checkout', '0004_availability'),
        ('events', '0007_rehearsals'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='mail', name='mail_waiting'),
        migrations.AddField(
            model_name='mail',
            name='held_back_at',
            field=models.DateTimeField(blank=True, help_text="When it was written and not sent: its order is a rehearsal's.", null=True),
        ),
        migrations.AddIndex(
            model_name='mail',
            index=models.Index(condition=models.Q(('failed_at', None), ('held_back_at', None), ('sent_at', None)), fields=['next_attempt_at'], name='mail_waiting'),
        ),
        migrations.AddConstraint(
            model_name='mail',
            constraint=models.CheckConstraint(condition=models.Q(('held_back_at', None), ('sent_at', None), _connector='OR'), name='mail_held_back_not_sent'),
        ),
        sql.install("checkout", "guards"),
        sql.install("checkout", "remove_rehearsal"),
    ]
