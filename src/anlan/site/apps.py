from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The assembly: joins events to hearers once every room is loaded."""

    name = "anlan.site"
    label = "site"

    def ready(self) -> None:
        from importlib import import_module
        from importlib.util import find_spec

        from anlan.kernel import logs
        from anlan.ledger import events
        from anlan.site import contributing, face, sharing
        from anlan.site.jobs import queue_delivery
        from anlan.site.rooms import ROOMS
        from anlan.site.wiring import HEARERS

        logs.configure_if_supervised()
        # Events are declared in doors: all must be known before one comes out of the outbox.
        for room in ROOMS:
            if find_spec(f"{room}.door") is not None:
                import_module(f"{room}.door")
        events.connect(HEARERS, queue_delivery)
        face.join()
        sharing.join()
        contributing.join()
