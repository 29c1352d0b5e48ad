from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnterprisesConfig(AppConfig):
    name = "anlan.ground.enterprises"
    label = "enterprises"
    verbose_name = _("企业")

    def ready(self) -> None:
        from anlan.ground.enterprises import door

        door.belongs("enterprises.Site", door.Rename("name", "（并入{}）"), alike=("name",))
        door.belongs(
            "enterprises.EnterpriseContact",
            door.SetAside({"is_current": False}),
            alike=("role", "name", "phone"),
            among={"is_current": True},
        )
        door.belongs("enterprises.Certificate", door.SetAside({"in_use": False}), alike=("kind", "number"), among={"in_use": True})
        door.belongs("enterprises.Invitation")
        # A room below this one, which cannot declare by itself: two systems are two accounts, so numbers hardly meet.
        door.belongs("ledger.ExternalReference", door.Keep(), alike=("source", "kind", "external_id"), shown=False)
        for model, column, why in (
            ("enterprises.Enterprise", "merged_into_id", "led on to the last file by the merging itself"),
            ("enterprises.MatchKeys", "enterprise_id", "reckoned anew for the survivor, dropped for the loser"),
            ("enterprises.DuplicateCandidate", "first_id", "says which two files were compared"),
            ("enterprises.DuplicateCandidate", "second_id", "says which two files were compared"),
            ("enterprises.Merging", "survivor_id", "the trail"),
            ("enterprises.Merging", "loser_id", "the trail"),
            # Rooms below this one.
            ("people.Post", "enterprise_id", "who could do what on a past day; a post that somebody holds stops the merging"),
            ("ledger.Clock", "enterprise_id", "handed over with the case it belongs to"),
            ("ledger.Announcement", "enterprise_id", "what was announced stays announced"),
        ):
            door.belongs(model, column=column, stays=why)
