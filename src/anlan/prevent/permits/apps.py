from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PermitsConfig(AppConfig):
    name = "anlan.prevent.permits"
    label = "permits"
    verbose_name = _("特殊作业票")
