from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AftermathConfig(AppConfig):
    name = "anlan.review.aftermath"
    label = "aftermath"
    verbose_name = _("复盘评估")
