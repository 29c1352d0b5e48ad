from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StandingConfig(AppConfig):
    name = "anlan.prevent.standing"
    label = "standing"
    verbose_name = _("企业安全风险分级")
