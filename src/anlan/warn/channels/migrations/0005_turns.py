from django.db import migrations, models



class Migration(migrations.Migration):
    dependencies = [("channels", "0004_queue")]

    operations = [
        migrations.DeleteModel("Queued"),
        migrations.CreateModel(
            name="Queued",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "channel", "inside", "priority", "turn", "delivery_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("channel", models.CharField(db_collation="C", max_length=12)),
                ("inside", models.BooleanField()),
                ("priority", models.PositiveSmallIntegerField()),
                ("turn", models.PositiveSmallIntegerField()),
                ("delivery_id", models.BigIntegerField()),
                ("message_id", models.UUIDField()),
            ],
        ),
        migrations.RunSQL(
            "INSERT INTO channels_queued (channel, inside, priority, turn, delivery_id, message_id) "
            "SELECT channel, inside, priority, 0, id, message_id FROM channels_delivery WHERE state = 0",
            migrations.RunSQL.noop,
        ),
    ]
