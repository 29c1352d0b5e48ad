from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MineRescueConfig(AppConfig):
    name = "anlan.command.minerescue"
    label = "minerescue"
    verbose_name = _("矿山救护")

    def ready(self) -> None:
        from anlan.command.incidents import door as incidents
        from anlan.command.minerescue import telling
        from anlan.ground.enterprises import door as enterprises

        incidents.join_timeline(telling.lines)
        enterprises.belongs("minerescue.Operation")
