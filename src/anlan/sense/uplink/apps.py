from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UplinkConfig(AppConfig):
    name = "anlan.sense.uplink"
    label = "uplink"
    verbose_name = _("读数上报接口")
