from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HealthConfig(AppConfig):
    name = "anlan.prevent.health"
    label = "occupational_health"
    verbose_name = _("职业健康")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises
        from anlan.prevent.health import queries, rules

        enterprises.belongs("occupational_health.Exposure", enterprises.Rename("workplace", "（并入{}）"), alike=("workplace", "factor"))
        enterprises.belongs("occupational_health.Result")
        enterprises.belongs("occupational_health.Examination")
        enterprises.register_need("occupational-health.factors", rules.NEED_FACTORS, 8, queries.keeps_factors, where=rules.needed_in)
