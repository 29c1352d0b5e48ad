from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ThingsConfig(AppConfig):
    name = "anlan.sense.things"
    label = "things"
    verbose_name = _("物联网标准接口")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("things.Description", shown=False)
