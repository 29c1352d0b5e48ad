from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilingsConfig(AppConfig):
    name = "anlan.report.filings"
    label = "filings"
    verbose_name = _("信息报送")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("filings.Filing")
