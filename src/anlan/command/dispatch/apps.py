from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DispatchConfig(AppConfig):
    name = "anlan.command.dispatch"
    label = "dispatch"
    verbose_name = _("增援与现场人员管控")

    def ready(self) -> None:
        from anlan.command.dispatch import telling
        from anlan.command.incidents import door as incidents

        incidents.join_timeline(telling.lines)
