"""What this room hears of itself: who is told that a licence or certificate falls due."""

from __future__ import annotations

from django.urls import reverse

from anlan.desk.notifications import notify
from anlan.ground.enterprises import certificates, door
from anlan.ground.people import door as people
from anlan.kernel.words import N_


def tell_due(event: door.CertificateDue) -> None:
    """Managers and principal of the enterprise; inspectors of the county too when a licence of the unit has expired."""
    if event.enterprise_id is None:
        return
    holders = [
        holder
        for kind in ("enterprise_manager", "enterprise_principal")
        for holder in people.holders_in_enterprise(kind, event.enterprise_id, now=event.at)
    ]
    expired = event.standing == certificates.EXPIRED
    if expired and event.holder == certificates.UNIT:
        holders += people.holders_of("inspector", event.place_code[:6], now=event.at)
    name = door.names([event.enterprise_id]).get(event.enterprise_id, "")
    sentence = (
        N_("{enterprise}的{certificate}（{person}）已于 {day} 过期，请立即办理。")
        if expired
        else N_("{enterprise}的{certificate}（{person}）将于 {day} 到期，请按期办理延期或复审。")
    )
    for account_id in {holder.account_id for holder in holders}:
        notify(
            account_id,
            event=event.kind,
            once=f"{event.kind}:{event.subject_id}:{event.standing}:{event.due_on}",
            sentence=sentence,
            facts={"enterprise": name, "certificate": event.certificate, "person": event.person_name or name, "day": event.due_on},
            url=f"{reverse('enterprises:file', args=[event.enterprise_id])}#certificates",
            tone="red" if expired else "orange",
            now=event.at,
        )
