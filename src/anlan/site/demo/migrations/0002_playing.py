import anlan.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("demo", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Playing",
            fields=[
                ("id", models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("state", models.CharField(choices=[("waiting", "等待中"), ("running", "播放中"), ("done", "已完成"), ("cancelled", "已取消"), ("failed", "未完成")], default="waiting", max_length=10, verbose_name="状态")),
                ("began", models.DateTimeField(unique=True, verbose_name="演习开始时刻")),
                ("by_name", models.CharField(max_length=100, verbose_name="播放人")),
                ("created_at", models.DateTimeField()),
                ("touched_at", models.DateTimeField()),
                ("played", models.PositiveSmallIntegerField(default=0, verbose_name="已播放")),
                ("cancel_requested", models.BooleanField(default=False)),
                ("incident_id", models.UUIDField(null=True)),
                ("addresses", models.JSONField(default=dict)),
                ("problem", models.CharField(blank=True, default="", max_length=300)),
                ("problem_facts", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["-created_at"],
                "indexes": [models.Index(fields=["-created_at"], name="demo_playing_newest")],
            },
        ),
    ]
