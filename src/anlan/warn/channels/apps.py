from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    name = "anlan.warn.channels"
    label = "channels"
    verbose_name = _("发布渠道")
