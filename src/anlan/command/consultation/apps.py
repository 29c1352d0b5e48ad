from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsultationConfig(AppConfig):
    name = "anlan.command.consultation"
    label = "consultation"
    verbose_name = _("会商")

    def ready(self) -> None:
        from anlan.command.consultation import telling
        from anlan.command.incidents import door as incidents
        from anlan.desk import todo

        incidents.join_timeline(telling.lines)
        todo.register("consultation", telling.todo)
