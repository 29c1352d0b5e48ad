from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DutyConfig(AppConfig):
    name = "anlan.command.duty"
    label = "duty"
    verbose_name = _("值班")

    def ready(self) -> None:
        from anlan.command.contact import door as contact
        from anlan.command.duty import digesting, door, reachable
        from anlan.command.incidents import door as incidents
        from anlan.kernel.words import N_

        incidents.join_on_duty(door.on_duty)
        contact.join_duty(reachable.on_duty)
        door.join_digest("unreached", N_("无应答的通知"), digesting.unreached)
        door.join_digest("by_mouth", N_("须口头确认的任务"), digesting.by_mouth)
        door.join_digest("unconfirmed", N_("核查到期的应急资源"), digesting.unconfirmed)
