from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ModellingConfig(AppConfig):
    name = "anlan.command.modelling"
    label = "modelling"
    verbose_name = _("模型目录")
