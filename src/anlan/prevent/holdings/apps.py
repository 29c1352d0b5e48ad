from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HoldingsConfig(AppConfig):
    name = "anlan.prevent.holdings"
    label = "holdings"
    verbose_name = _("危险化学品台账")
