"""What a feed's reading said is kept as sentences with facts, to be shown in the reader's language; the next reading says it anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bulletins", "0003_signed_and_foreign")]

    operations = [
        migrations.RemoveField(model_name="subscription", name="trouble"),
        migrations.AddField(
            model_name="subscription",
            name="trouble",
            field=models.JSONField(blank=True, default=list, editable=False, verbose_name="读取情况"),
        ),
    ]
