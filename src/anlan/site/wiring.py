"""Who hears which event: the one table that joins rooms upward.

Kind of event → dotted paths of hearers ``hear(event)``. A hearer runs after commit, in a transaction of its own, and may run again
after a fault without harm (:mod:`anlan.ledger.events`).
"""

from __future__ import annotations

HEARERS: dict[str, tuple[str, ...]] = {
    "alarms.raised": (
        "anlan.sense.alarms.hearing.tell_watchers",
        "anlan.prevent.permits.hearing.hear_alarm",
        "anlan.prevent.permits.hearing.compare_commitment",
    ),
    "criteria.changed": ("anlan.sense.criteria.hearing.tell_stream",),
    "bulletins.submitted": ("anlan.warn.bulletins.hearing.tell_approvers",),
    "bulletins.returned": ("anlan.warn.bulletins.hearing.tell_writer",),
    "bulletins.published": ("anlan.warn.channels.services.send_published", "anlan.warn.bulletins.hearing.tell_writer"),
    "enterprises.certificate_due": ("anlan.ground.enterprises.hearing.tell_due",),
    "filings.submitted": ("anlan.report.filings.hearing.tell_receiver",),
    "filings.reported_up": ("anlan.report.filings.hearing.tell_receiver",),
    "filings.supplemented": ("anlan.command.incidents.hearing.follow_filing",),
    "incidents.response_proposed": ("anlan.command.incidents.hearing.tell_leaders",),
    "judgement.run": ("anlan.command.field.hearing.show_zones",),
    "judgement.changed": ("anlan.command.field.hearing.clear_zones",),
    "plotting.changed": ("anlan.command.field.hearing.show_plot",),
    "incidents.opened": ("anlan.command.field.hearing.show_incident",),
    "incidents.changed": ("anlan.command.field.hearing.show_incident",),
    "incidents.closed": ("anlan.command.field.hearing.show_incident",),
    "incidents.response_started": ("anlan.command.field.hearing.show_incident",),
    "incidents.response_ended": ("anlan.command.field.hearing.show_incident",),
    "field.changed": ("anlan.command.field.hearing.fill_picture",),
    "field.call": ("anlan.command.field.hearing.tell_duty",),
    "risksources.changed": ("anlan.prevent.hazardsources.hearing.follow_register",),
    "population.imported": ("anlan.prevent.hazardsources.hearing.count_people_again",),
    "population.withdrawn": ("anlan.prevent.hazardsources.hearing.count_people_again",),
    "hazardsources.reassess": ("anlan.prevent.hazardsources.hearing.tell_reassessment",),
    "hazardsources.regraded": ("anlan.prevent.hazardsources.hearing.tell_regraded",),
    "hazardsources.filing": ("anlan.prevent.hazardsources.hearing.tell_filing",),
    "dangers.escalated": ("anlan.prevent.dangers.hearing.tell_escalation",),
    "dangers.graded": ("anlan.prevent.dangers.hearing.tell_grade", "anlan.prevent.permits.hearing.compare_commitment"),
    "dangers.ordered": ("anlan.prevent.dangers.hearing.tell_order",),
    "dangers.rectified": ("anlan.prevent.dangers.hearing.tell_removed",),
    "dangers.sent_back": ("anlan.prevent.dangers.hearing.tell_sent_back",),
    "risks.check_done": ("anlan.prevent.risks.hearing.tell_second",),
    "risks.check_overdue": ("anlan.prevent.risks.hearing.tell_overdue",),
    "permits.approved": ("anlan.prevent.permits.hearing.compare_commitment",),
    "permits.changed": ("anlan.prevent.permits.hearing.compare_commitment",),
    "permits.closed": ("anlan.prevent.permits.hearing.compare_commitment",),
    "permits.expired": ("anlan.prevent.permits.hearing.tell_expired", "anlan.prevent.permits.hearing.compare_commitment"),
    "permits.paused": ("anlan.prevent.permits.hearing.tell_paused",),
    "permits.warned": ("anlan.prevent.permits.hearing.tell_warned",),
    "commitments.missed": ("anlan.prevent.permits.hearing.tell_missed",),
    "commitments.contradicted": ("anlan.prevent.permits.hearing.tell_contradicted",),
    "patrol.point_failed": ("anlan.prevent.dangers.hearing.take_patrol",),
    "video.event_seen": ("anlan.sense.video.hearing.tell_alarms",),
    "clocks.missed": ("anlan.report.filings.hearing.tell_missed", "anlan.command.incidents.hearing.tell_late_task"),
}
