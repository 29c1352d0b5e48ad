"""The files of one record as ``evidence/_panel.html`` shows them."""

from __future__ import annotations

from django.utils.translation import gettext

from anlan.ground.evidence import door, rules, services
from anlan.kernel.access import Actor, Classification


def panel_context(record: door.Subject, actor: Actor) -> dict[str, object]:
    """What the template needs: the files that ``actor`` may see, and whether and how he may add one."""
    subject = services.subject_of(record)
    return {
        "subject_type": subject.type,
        "subject_id": subject.id,
        "exhibits": door.list_for(subject.type, subject.id, actor),
        "may_attach": actor.may(
            "evidence.attach",
            place_code=subject.place_code,
            enterprise_id=subject.enterprise_id,
            classification=subject.classification,
        ),
        "may_view": actor.may_somewhere("evidence.view"),
        "classes": [(int(c), gettext(c.label)) for c in Classification if c >= subject.classification],
        "accept": ",".join(sorted({f".{ending}" for row in rules.types().values() for ending in row.endings})),
    }
