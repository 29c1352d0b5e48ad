from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PermitsConfig(AppConfig):
    name = "anlan.prevent.permits"
    label = "permits"
    verbose_name = _("特殊作业票")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises
        from anlan.prevent.permits import rules

        enterprises.belongs("permits.Work", shown=False)
        enterprises.belongs(
            "permits.Permit",
            enterprises.Refuse("number", rules.SAME_NUMBER_OPEN, {"state__in": rules.OPEN_STATES}),
            enterprises.Rename("number"),
            alike=("number",),
        )
        enterprises.belongs("permits.OwnRule", enterprises.Keep(), alike=("kind",), shown=False)
        enterprises.belongs("permits.Commitment", enterprises.Drop({"state": "owed"}), enterprises.Keep(), alike=("day",))
