from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChemicalsConfig(AppConfig):
    name = "anlan.ground.chemicals"
    label = "chemicals"
    verbose_name = _("化学品")
