"""Has ticket types paused and put away, events archived, and keeps their pictures."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

from kit import sql


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0010_questions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Image',
            fields=[
                ('sha256', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('format', models.CharField(choices=[('webp', 'WebP'), ('jpg', 'JPEG')], max_length=4)),
                ('content', models.BinaryField(max_length=4000000)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Picture',
            fields=[
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='picture', serialize=False, to='events.event')),
                ('alt', models.CharField(blank=True, max_length=300)),
                ('width', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1)])),
                ('height', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1)])),
            ],
        ),
        migrations.AddField(
            model_name='event',
            name='archived_at',
            field=models.DateTimeField(blank=True, editable=False, help_text="Since when its organiser's lists leave it out.", null=True),
        ),
        migrations.AddField(
            model_name='tickettype',
            name='is_hidden',
            field=models.BooleanField(db_default=False, default=False, help_text='Put away: not listed, and so not sold.', verbose_name='hidden'),
        ),
        migrations.AddField(
            model_name='tickettype',
            name='is_paused',
            field=models.BooleanField(db_default=False, default=False, help_text='Listed, and not sold until resumed.', verbose_name='paused'),
        ),
        migrations.AddConstraint(
            model_name='tickettype',
            constraint=models.CheckConstraint(condition=models.Q(('is_hidden', False), ('is_paused', True), _connector='OR'), name='ticket_type_hidden_is_paused'),
        ),
        migrations.AddConstraint(
            model_name='image',
            constraint=models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='image_sha256_shape'),
        ),
        migrations.AddConstraint(
            model_name='image',
            constraint=models.CheckConstraint(condition=models.Q(('format__in', ['webp', 'jpg'])), name='image_format_known'),
        ),
        migrations.AddField(
            model_name='picture',
            name='large',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='events.image'),
        ),
        migrations.AddField(
            model_name='picture',
            name='medium',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='events.image'),
        ),
        migrations.AddField(
            model_name='picture',
            name='shared',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='events.image'),
        ),
        migrations.AddField(
            model_name='picture',
            name='small',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='events.image'),
        ),
        migrations.AddConstraint(
            model_name='picture',
            constraint=models.CheckConstraint(condition=models.Q(('height__gte', 1), ('width__gte', 1)), name='picture_has_size'),
        ),
        sql.install("events", "version_by_picture"),
    ]
