"""Makes answers and their files; a rehearsal's go with it."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.lookups
from django.db import migrations, models

from kit import sql


class Migration(migrations.Migration):

    dependencies = [
        ('checkout', '0006_orders'),
        ('events', '0010_questions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('texts', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('answered_at', models.DateTimeField()),
                ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='checkout.order')),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='events.question')),
                ('ticket', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='checkout.ticket')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='events.questionversion')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='AnswerFile',
            fields=[
                ('answer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='file', serialize=False, to='checkout.answer')),
                ('name', models.CharField(max_length=100)),
                ('content_type', models.CharField(max_length=20)),
                ('content', models.BinaryField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('content_type__in', ('application/pdf', 'image/jpeg', 'image/png'))), name='answer_file_type_known'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(models.Func(models.F('content'), function='octet_length', output_field=models.IntegerField()), 5242880), name='answer_file_is_small_enough')],
            },
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.UniqueConstraint(fields=('order', 'ticket', 'question'), name='answer_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.CheckConstraint(condition=models.Q(('texts__len__range', (1, 50))), name='answer_says_something'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(models.Func(models.Func(models.F('texts'), models.Value(''), function='array_to_string', output_field=models.TextField()), function='length', output_field=models.IntegerField()), 12000), name='answer_is_short_enough'),
        ),
        sql.install("checkout", "answers"),
        sql.install("checkout", "remove_rehearsal"),
    ]
