from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CompletenessConfig(AppConfig):
    name = "anlan.sense.completeness"
    label = "completeness"
    verbose_name = _("数据完整性")
