from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FieldConfig(AppConfig):
    name = "anlan.command.field"
    label = "field"
    verbose_name = _("现场单元")

    def ready(self) -> None:
        from anlan.command.field import door
        from anlan.command.resources import door as resources

        resources.join_positions(door.positions)
