from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DutyConfig(AppConfig):
    name = "anlan.command.duty"
    label = "duty"
    verbose_name = _("值班")

    def ready(self) -> None:
        from anlan.command.contact import door as contact
        from anlan.command.duty import door, reachable
        from anlan.command.incidents import door as incidents

        incidents.join_on_duty(door.on_duty)
        contact.join_duty(reachable.on_duty)
