from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StandingConfig(AppConfig):
    name = "anlan.prevent.standing"
    label = "standing"
    verbose_name = _("企业安全风险分级")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises
        from anlan.prevent.standing import rules

        enterprises.belongs(
            "standing.Grading",
            # What nobody handed in goes; what the bureau has before it is decided first; what it decided stays with the closed file.
            enterprises.Refuse("year", rules.SAME_YEAR_OPEN, {"state": rules.SUBMITTED}),
            enterprises.Drop({"submitted_at__isnull": True}),
            enterprises.Keep(),
            alike=("year",),
        )
