from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HazardsConfig(AppConfig):
    name = "anlan.warn.hazards"
    label = "hazards"
    verbose_name = _("自然灾害")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("hazards.PlantAction")
        enterprises.belongs("hazards.ActionOrder")
