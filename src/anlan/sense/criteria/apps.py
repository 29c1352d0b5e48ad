from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CriteriaConfig(AppConfig):
    name = "anlan.sense.criteria"
    label = "criteria"
    verbose_name = _("检测规则")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises
        from anlan.ground.packs import door as packs
        from anlan.sense.criteria import catalogue, packed

        packs.register_sensor_check(packed.why_not)
        packs.register_rule_groups(lambda: set(catalogue.GROUPS))
        enterprises.belongs("criteria.Criterion")
