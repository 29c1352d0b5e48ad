from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasebookConfig(AppConfig):
    name = "anlan.command.casebook"
    label = "casebook"
    verbose_name = _("事件台账")

    def ready(self) -> None:
        from anlan.command.casebook import telling
        from anlan.command.incidents import door as incidents

        incidents.join_timeline(telling.lines)
