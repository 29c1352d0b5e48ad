from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvacuationConfig(AppConfig):
    name = "anlan.command.evacuation"
    label = "evacuation"
    verbose_name = _("人员疏散")

    def ready(self) -> None:
        from anlan.command.evacuation import telling
        from anlan.command.incidents import door as incidents

        incidents.join_timeline(telling.lines)
