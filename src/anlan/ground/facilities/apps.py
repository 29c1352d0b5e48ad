from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FacilitiesConfig(AppConfig):
    name = "anlan.ground.facilities"
    label = "facilities"
    verbose_name = _("重要防护目标")
