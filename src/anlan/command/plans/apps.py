from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    name = "anlan.command.plans"
    label = "plans"
    verbose_name = _("预案")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("plans.PlanTemplate")
        enterprises.belongs("plans.PlanFiling", shown=False)
