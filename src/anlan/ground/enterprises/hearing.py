"""What this room hears of itself: who is told that something falls due or waits; whose file is compared with others."""

from __future__ import annotations

from django.urls import reverse

from anlan.desk.notifications import notify
from anlan.ground.enterprises import certificates, door, matching, mergerules, merging, onboarding
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


def tell_confirmation(event: door.ConfirmationDue) -> None:
    """Managers and principal are asked to confirm the file; inspectors of the county too once the day is past."""
    if event.enterprise_id is None:
        return
    holders = [
        holder
        for kind in ("enterprise_manager", "enterprise_principal")
        for holder in people.holders_in_enterprise(kind, event.enterprise_id, now=event.at)
    ]
    if event.overdue:
        holders += people.holders_of("inspector", event.place_code[:6], now=event.at)
    sentence = N_("{name}的企业档案应于 {day} 前确认，现已逾期。") if event.overdue else N_("请在 {day} 前核对并确认{name}的企业档案。")
    for account_id in {holder.account_id for holder in holders}:
        notify(
            account_id,
            event=event.kind,
            once=f"{event.kind}:{event.subject_id}:{event.due_on}:{event.overdue}",
            sentence=sentence,
            facts={"name": event.name, "day": event.due_on},
            url=reverse("enterprises:file", args=[event.enterprise_id]),
            tone="red" if event.overdue else "blue",
            now=event.at,
        )


def tell_submitted(event: door.InvitationMoved) -> None:
    """Clerks of the county are told that an invited enterprise submitted its file."""
    if event.state != onboarding.SUBMITTED:
        return
    for account_id in {holder.account_id for holder in people.holders_of("bureau_clerk", event.place_code[:6], now=event.at)}:
        notify(
            account_id,
            event=event.kind,
            once=f"{event.kind}:{event.subject_id}:{event.at.isoformat()}",
            sentence=N_("{name}已提交入驻填报，等待审核。"),
            facts={"name": event.name},
            url=reverse("enterprises:invitation", args=[event.subject_id]),
            tone="blue",
            now=event.at,
        )


def compare_file(event: door.EnterpriseRegistered | door.EnterpriseChanged) -> None:
    """A file that came or changed is compared with those that may be of the same enterprise."""
    matching.look([event.subject_id], event.at)


def tell_merge(event: door.MergeProposed) -> None:
    """Who may confirm is told that two files are to be merged: clerks and inspectors of the place."""
    if event.state != mergerules.PROPOSED:
        return
    holders = [holder for kind in ("bureau_clerk", "inspector") for holder in people.holders_of(kind, event.place_code[:6], now=event.at)]
    for account_id in {holder.account_id for holder in holders}:
        notify(
            account_id,
            event=event.kind,
            once=f"{event.kind}:{event.subject_id}",
            sentence=N_("有人提出合并企业档案：{title}，等待另一人确认。"),
            facts={"title": event.title},
            url=reverse("enterprises:merge", args=[event.subject_id]),
            tone="orange",
            now=event.at,
        )


def gather_merged(event: door.EnterprisesMerged) -> None:
    """What was written for the closed file at the moment of merging follows, and the survivor is compared anew."""
    merging.gather_late(event.at, days=1)
    if event.enterprise_id is not None:
        matching.look([event.enterprise_id], event.at)
