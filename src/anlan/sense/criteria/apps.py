from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CriteriaConfig(AppConfig):
    name = "anlan.sense.criteria"
    label = "criteria"
    verbose_name = _("检测规则")
