from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RisksConfig(AppConfig):
    name = "anlan.prevent.risks"
    label = "risks"
    verbose_name = _("风险分级管控")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises
        from anlan.prevent.risks import queries, rules

        enterprises.belongs("risks.RiskObject", enterprises.Rename("code"), alike=("code",))
        for model in ("RiskUnit", "RiskEvent", "Measure", "CheckTask", "CheckResult"):
            enterprises.belongs(f"risks.{model}", shown=model in ("RiskEvent", "CheckTask"))
        # Every enterprise keeps one: 安全生产法 (2021), articles 4 and 41. The weight is a default of this project.
        enterprises.register_need("risks.register", rules.NEED_REGISTER, 10, queries.keeps_register)
