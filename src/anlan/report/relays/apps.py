from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RelaysConfig(AppConfig):
    name = "anlan.report.relays"
    label = "relays"
    verbose_name = _("节点链路")

    def ready(self) -> None:
        from anlan.desk.joints import joints
        from anlan.report.relays import queries

        joints.link_state = queries.link_state
