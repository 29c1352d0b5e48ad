from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RisksourcesConfig(AppConfig):
    name = "anlan.ground.risksources"
    label = "risksources"
    verbose_name = _("危险源")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("risksources.RiskSource", enterprises.Rename("code"), alike=("code",))
