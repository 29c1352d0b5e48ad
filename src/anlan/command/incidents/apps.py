from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncidentsConfig(AppConfig):
    name = "anlan.command.incidents"
    label = "incidents"
    verbose_name = _("事件")

    def ready(self) -> None:
        from anlan.command.incidents import contacting, timeline
        from anlan.ground.enterprises import door as enterprises

        for model in ("Incident", "Response", "ResponseTask", "CommandTransfer"):
            enterprises.belongs(f"incidents.{model}", shown=model == "Incident")
        timeline.join(contacting.lines)
