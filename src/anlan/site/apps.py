from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The assembly: joins events to hearers once every room is loaded."""

    name = "anlan.site"
    label = "site"

    def ready(self) -> None:
        from anlan.kernel import logs
        from anlan.ledger import events
        from anlan.site import face
        from anlan.site.jobs import queue_delivery
        from anlan.site.wiring import HEARERS

        logs.configure_if_supervised()
        events.connect(HEARERS, queue_delivery)
        face.join()
