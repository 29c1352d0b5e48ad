from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FederationConfig(AppConfig):
    name = "anlan.federation"
    label = "federation"
    verbose_name = _("节点互联")

    def ready(self) -> None:
        from anlan.federation import acknowledging, inbox

        inbox.join(acknowledging.KIND, acknowledging.take)
