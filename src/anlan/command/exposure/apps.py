from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExposureConfig(AppConfig):
    name = "anlan.command.exposure"
    label = "exposure"
    verbose_name = _("受影响对象")
