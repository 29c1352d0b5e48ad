from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DispatchConfig(AppConfig):
    name = "anlan.command.dispatch"
    label = "dispatch"
    verbose_name = _("增援与现场人员管控")

    def ready(self) -> None:
        from anlan.command.dispatch import bringing, queries, telling
        from anlan.command.duty import door as duty
        from anlan.command.incidents import door as incidents
        from anlan.kernel.words import N_

        incidents.join_timeline(telling.lines)
        incidents.join_forces(bringing.forces)
        incidents.join_asking(queries.ask_address)
        duty.join_digest("aid", N_("待办增援"), bringing.to_do)
