"""A notice may ask people to a meeting that has a room and an hour of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contact", "0001_initial")]
    operations = [
        migrations.AddField("notice", "meeting_id", models.UUIDField(null=True)),
        migrations.AddField("notice", "meeting_at", models.DateTimeField(null=True, verbose_name="会议时间")),
    ]
