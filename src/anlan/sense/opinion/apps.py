from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpinionConfig(AppConfig):
    name = "anlan.sense.opinion"
    label = "opinion"
    verbose_name = _("舆情")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("opinion.Topic")
        enterprises.belongs("opinion.Post", shown=False)
