from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JudgementConfig(AppConfig):
    name = "anlan.command.judgement"
    label = "judgement"
    verbose_name = _("研判")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("judgement.Judgement")
