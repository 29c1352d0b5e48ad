from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlarmsConfig(AppConfig):
    name = "anlan.sense.alarms"
    label = "alarms"
    verbose_name = _("报警")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("alarms.Alarm")
