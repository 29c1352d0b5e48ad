from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PacksConfig(AppConfig):
    name = "anlan.ground.packs"
    label = "packs"
    verbose_name = _("行业包")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises
        from anlan.ground.organisations import door as organisations
        from anlan.ground.packs import queries

        organisations.register_sectors("packs", queries.more_sectors)
        enterprises.belongs("packs.PackMark", enterprises.Keep(), alike=("pack_code",), shown=False)
        # The newest answers to a pack hold: where the survivor answered, the other answers stay with the closed file.
        enterprises.belongs("packs.SectorFacts", enterprises.Keep(), alike=("pack_code",), shown=False)
