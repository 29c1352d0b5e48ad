from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HoldingsConfig(AppConfig):
    name = "anlan.prevent.holdings"
    label = "holdings"
    verbose_name = _("危险化学品台账")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        enterprises.belongs("holdings.Product", enterprises.Rename("name", "（并入{}）"), alike=("chemical_code", "name", "specification"))
        enterprises.belongs("holdings.Store", enterprises.Rename("code"), alike=("code",))
        enterprises.belongs("holdings.Holding")
        enterprises.belongs(
            "holdings.Movement",
            enterprises.Rename("external_id"),
            alike=("external_id",),
            among={"external_id__gt": "", "reversed_at__isnull": True},
        )
        enterprises.belongs("holdings.Load")
        enterprises.belongs("holdings.Load", column="receiver_id")
