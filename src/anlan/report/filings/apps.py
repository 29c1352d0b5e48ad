from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilingsConfig(AppConfig):
    name = "anlan.report.filings"
    label = "filings"
    verbose_name = _("信息报送")

    def ready(self) -> None:
        from anlan.federation import inbox
        from anlan.ground.enterprises import door as enterprises
        from anlan.prevent.standing import door as standing
        from anlan.report.filings import accidents, exchange

        for model in ("Filing", "FilingReduction", "ReportingMark"):
            enterprises.belongs(f"filings.{model}", shown=model == "Filing")
        inbox.join(exchange.KIND, exchange.take, exchange.hear_arrival)
        standing.register_proposals("filings", accidents.proposals)
