from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HazardsourcesConfig(AppConfig):
    name = "anlan.prevent.hazardsources"
    label = "hazardsources"
    verbose_name = _("重大危险源")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("hazardsources.HazardUnit", enterprises.Rename("code"), alike=("code",))
        enterprises.belongs("hazardsources.Filing")
