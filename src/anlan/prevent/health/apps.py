from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HealthConfig(AppConfig):
    name = "anlan.prevent.health"
    label = "occupational_health"
    verbose_name = _("职业健康")
