from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RiskPictureConfig(AppConfig):
    name = "anlan.warn.riskpicture"
    label = "riskpicture"
    verbose_name = _("风险态势")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        # The closed file is no longer graded; the one that stays keeps its own grade and is graded anew.
        enterprises.belongs("riskpicture.Grade", enterprises.Drop({"kind": "enterprise"}), among={"kind": "enterprise"}, shown=False)
        enterprises.belongs("riskpicture.GradeMove", shown=False)
