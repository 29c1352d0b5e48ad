from django.apps import AppConfig
from django.db import models
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "anlan.ledger"
    label = "ledger"
    verbose_name = _("台账")

    def ready(self) -> None:
        from anlan.ledger.among import Among

        # A foreign key has the lookups of relations alone.
        for kind in (models.Field, models.ForeignKey):
            kind.register_lookup(Among)
