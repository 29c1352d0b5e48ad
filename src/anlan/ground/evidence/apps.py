from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvidenceConfig(AppConfig):
    name = "anlan.ground.evidence"
    label = "evidence"
    verbose_name = _("证据")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("evidence.Exhibit")
        enterprises.belongs(
            "evidence.Exhibit",
            enterprises.Keep(),
            column="subject_id",
            where={"subject_type": "enterprises.enterprise"},
            alike=("subject_type", "sha256"),
            shown=False,
        )
