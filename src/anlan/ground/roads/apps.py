from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoadsConfig(AppConfig):
    name = "anlan.ground.roads"
    label = "roads"
    verbose_name = _("路网与封路")
