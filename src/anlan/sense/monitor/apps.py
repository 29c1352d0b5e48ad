from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MonitorConfig(AppConfig):
    name = "anlan.sense.monitor"
    label = "monitor"
    verbose_name = _("监测")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises
        from anlan.sense.monitor import services

        enterprises.belongs("monitor.Placement", enterprises.Fold(services.shift), alike=("kind", "subject_id"), shown=False)
