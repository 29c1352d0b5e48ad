from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DangersConfig(AppConfig):
    name = "anlan.prevent.dangers"
    label = "dangers"
    verbose_name = _("事故隐患")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises
        from anlan.ground.packs import door as packs
        from anlan.prevent.dangers import periods, queries

        packs.register_criteria_lists(lambda: {row.code for row in queries.every_list()})
        enterprises.belongs("dangers.Danger")
        enterprises.belongs("dangers.Rectification", shown=False)
        enterprises.belongs("dangers.PeriodReport", enterprises.Drop({"state": periods.OWED}), enterprises.Keep(), alike=("period",))
