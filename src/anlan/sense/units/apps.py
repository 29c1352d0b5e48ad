from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UnitsConfig(AppConfig):
    name = "anlan.sense.units"
    label = "units"
    verbose_name = _("工艺单元")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("units.ProcessUnit")
