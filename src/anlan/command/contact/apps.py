from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactConfig(AppConfig):
    name = "anlan.command.contact"
    label = "contact"
    verbose_name = _("融合通信")

    def ready(self) -> None:
        from anlan.command.contact import waiting
        from anlan.desk import todo
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("contact.Line", shown=False)
        todo.register("contact", waiting.todo)
