"""What the room itself tells in the timeline of an enterprise's page: changes of the record, from the audit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import facts, timeline
from anlan.desk.actions import action_label
from anlan.ground.enterprises import certificates, onboarding, queries
from anlan.ground.enterprises.models import Enterprise
from anlan.kernel import clock
from anlan.ledger.models import AuditEntry
from anlan.ledger.sources import law_day

PAGE = "enterprises.detail"
_LABELS = {field.name: field.verbose_name for field in Enterprise._meta.concrete_fields}
_UNTOLD = frozenset({"id", "name_key", "industry_division", "created_at"})


def changes(subject: Any, _request: HttpRequest, until: datetime, limit: int) -> list[timeline.Happening]:
    """Audited changes of the record and its parts; what changed by name, as the page's history gives it in full."""
    # With the files that were merged into this one: their history goes on here.
    ids = [str(subject.pk), *(str(file.pk) for file in queries.merged_files(subject))]
    rows = AuditEntry.objects.filter(subject_type=Enterprise._meta.label_lower, subject_id__in=ids, at__lte=until)
    return [
        timeline.Happening(
            at=row.at,
            key=f"{row.sequence:020d}",
            title=action_label(row.action),
            note=_told(row.content),
            who=row.actor_name,
            url=_url(row.content),
        )
        for row in rows.order_by("-at", "-sequence")[:limit]
    ]


def certificate_facts(subject: Any, _request: HttpRequest) -> list[facts.Fact]:
    """Licences and certificates in use, how many are past their end or near it."""
    count = queries.certificates_of(subject.pk).aggregate(
        all=Count("pk"),
        expired=Count("pk", filter=Q(standing=certificates.EXPIRED)),
        expiring=Count("pk", filter=Q(standing=certificates.EXPIRING)),
    )
    url = f"{reverse('desk:certificates-list')}?enterprise={subject.pk}"
    if not count["all"]:
        return [facts.Fact(_("证照"), _("未登记"), url="#certificates", quiet=True)]
    parts = [gettext("已过期 %(n)d") % {"n": count["expired"]}] if count["expired"] else []
    parts += [gettext("即将到期 %(n)d") % {"n": count["expiring"]}] if count["expiring"] else []
    tone: facts.Tone = "red" if count["expired"] else "orange" if count["expiring"] else "green"
    return [facts.Fact(_("证照"), str(count["all"]), tone, " · ".join(parts), f"{url}&sort=due_on")]


def confirmation_facts(subject: Any, _request: HttpRequest) -> list[facts.Fact]:
    """Until when the file is to be confirmed, once that day is near or past."""
    due, today = subject.confirm_due_on, law_day(clock.now())
    if due is None or due > today + timedelta(days=onboarding.parameter("confirmation_lead_days", today)):
        return []
    late = due < today
    return [facts.Fact(_("年度确认"), _("已逾期") if late else _("待确认"), "red" if late else "orange", due.isoformat(), "#history")]


def _url(content: object) -> str:
    """Where the change is shown in full: the page of the merging, or the history below."""
    told = content.get("facts") or {} if isinstance(content, Mapping) else {}
    return reverse("enterprises:merge", args=[told["merging"]]) if told.get("merging") else "#history"


def _told(content: object) -> str:
    """The reason that was given, else the names of the fields that changed."""
    if not isinstance(content, Mapping):
        return ""
    reason = str((content.get("facts") or {}).get("reason") or "")
    changed = content.get("changed") or {}
    names = [str(_LABELS[name]) for name in changed if name in _LABELS and name not in _UNTOLD]
    before = any(isinstance(pair, list) and pair and pair[0] is not None for pair in changed.values())
    if reason or not names or not before:
        return reason
    return gettext("改了：%(fields)s") % {"fields": "、".join(names[:6])}


facts.register(PAGE, "certificates", order=60, provider=certificate_facts, live=("enterprises.changed", "enterprises.certificate_due"))
facts.register(PAGE, "confirmation", order=80, provider=confirmation_facts)
timeline.register(PAGE, "record", label=_("档案变更"), order=90, provider=changes)
