from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DangersConfig(AppConfig):
    name = "anlan.prevent.dangers"
    label = "dangers"
    verbose_name = _("事故隐患")

    def ready(self) -> None:
        from anlan.ground.packs import door as packs
        from anlan.prevent.dangers import queries

        packs.register_criteria_lists(lambda: {row.code for row in queries.every_list()})
