from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PatrolConfig(AppConfig):
    name = "anlan.sense.patrol"
    label = "patrol"
    verbose_name = _("监测巡查")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("patrol.PatrolPoint", shown=False)
