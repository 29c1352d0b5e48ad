from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    """The demonstration; silent unless the node runs in demo mode."""

    name = "anlan.site.demo"
    label = "demo"
    verbose_name = _("演示")

    def ready(self) -> None:
        if settings.ANLAN["DEMO"]:
            from anlan.ground.people.door import register_demo_roles
            from anlan.site.demo.accounts import roles

            register_demo_roles(roles)
