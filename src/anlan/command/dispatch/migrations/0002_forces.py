from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dispatch', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='aidanswer',
            name='way',
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
