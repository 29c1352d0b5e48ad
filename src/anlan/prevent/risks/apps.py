from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RisksConfig(AppConfig):
    name = "anlan.prevent.risks"
    label = "risks"
    verbose_name = _("风险分级管控")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("risks.RiskObject", enterprises.Rename("code"), alike=("code",))
        for model in ("RiskUnit", "RiskEvent", "Measure", "CheckTask", "CheckResult"):
            enterprises.belongs(f"risks.{model}", shown=model in ("RiskEvent", "CheckTask"))
