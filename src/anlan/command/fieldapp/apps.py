from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FieldAppConfig(AppConfig):
    name = "anlan.command.fieldapp"
    label = "fieldapp"
    verbose_name = _("现场上报")

    def ready(self) -> None:
        from anlan.command.fieldapp import telling
        from anlan.command.incidents import door as incidents
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("fieldapp.FieldReport")
        incidents.join_timeline(telling.lines)
