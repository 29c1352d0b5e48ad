from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0003_command_and_orders'),
    ]

    operations = [
        migrations.AddField(
            model_name='responsetask',
            name='spoken_at',
            field=models.DateTimeField(null=True, verbose_name='口头通知时间'),
        ),
        migrations.AddField(
            model_name='responsetask',
            name='spoken_to',
            field=models.CharField(blank=True, default='', max_length=100, verbose_name='口头通知'),
        ),
        migrations.AddField(
            model_name='responsetask',
            name='expected_at',
            field=models.DateTimeField(null=True, verbose_name='预计到场'),
        ),
        migrations.AddField(
            model_name='responsetask',
            name='first_expected_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='responsetask',
            name='way',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='responsetask',
            name='uncovered',
            field=models.JSONField(blank=True, null=True),
        ),
    ]
