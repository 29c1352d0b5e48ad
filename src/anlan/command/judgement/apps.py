from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JudgementConfig(AppConfig):
    name = "anlan.command.judgement"
    label = "judgement"
    verbose_name = _("研判")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("judgement.Judgement")

        from anlan.command.incidents import door as incidents
        from anlan.command.judgement import exposing

        incidents.join_people_at_risk(exposing.people_at_risk)
