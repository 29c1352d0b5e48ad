from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HazardsourcesConfig(AppConfig):
    name = "anlan.prevent.hazardsources"
    label = "hazardsources"
    verbose_name = _("重大危险源")
