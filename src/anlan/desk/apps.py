from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "anlan.desk"
    label = "desk"
    verbose_name = _("工作台")

    def ready(self) -> None:
        # All models are loaded when the first ready() runs, so the rooms' declarations may be read now.
        autodiscover_modules("screens", "facts", "sending")
