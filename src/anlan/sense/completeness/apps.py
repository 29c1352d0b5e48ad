from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CompletenessConfig(AppConfig):
    name = "anlan.sense.completeness"
    label = "completeness"
    verbose_name = _("数据完整性")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises
        from anlan.sense.completeness import services

        enterprises.belongs("completeness.CompletenessDay", enterprises.Fold(services.add_up), alike=("day",), shown=False)
        enterprises.belongs("completeness.Gap", shown=False)
        enterprises.belongs("completeness.DeclaredInterval", shown=False)
