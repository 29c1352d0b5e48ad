from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DangersConfig(AppConfig):
    name = "anlan.prevent.dangers"
    label = "dangers"
    verbose_name = _("事故隐患")
