from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RisksourcesConfig(AppConfig):
    name = "anlan.ground.risksources"
    label = "risksources"
    verbose_name = _("危险源")
