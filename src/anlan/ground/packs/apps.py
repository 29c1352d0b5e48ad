from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PacksConfig(AppConfig):
    name = "anlan.ground.packs"
    label = "packs"
    verbose_name = _("行业包")

    def ready(self) -> None:
        from anlan.ground.organisations import door as organisations
        from anlan.ground.packs import queries

        organisations.register_sectors("packs", queries.more_sectors)
