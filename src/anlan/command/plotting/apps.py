from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlottingConfig(AppConfig):
    name = "anlan.command.plotting"
    label = "plotting"
    verbose_name = _("协同标绘")
