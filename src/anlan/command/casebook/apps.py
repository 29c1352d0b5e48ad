from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasebookConfig(AppConfig):
    name = "anlan.command.casebook"
    label = "casebook"
    verbose_name = _("事件台账")

    def ready(self) -> None:
        from anlan.command.casebook import queries, telling
        from anlan.command.incidents import door as incidents
        from anlan.report.filings import door as filings

        incidents.join_timeline(telling.lines)
        filings.join_rescue_cost(queries.rescue_cost)
