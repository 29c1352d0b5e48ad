"""What this room hears: dangerous air reported from underground. May run twice without harm."""

from __future__ import annotations

from anlan.command.minerescue import door, queries
from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.words import N_


def tell_gas(event: door.GasDangerous) -> None:
    """Whoever commands, the officers and the leaders, at once."""
    kinds = ("commander", "duty_officer", "duty_leader")
    for account_id in {each.account_id for kind in kinds for each in people.holders_of(kind, event.place_code[:6], now=event.at)}:
        notify(
            account_id,
            event=event.kind,
            once=f"minerescue.gas:{event.report_id}",
            sentence=N_("井下“{place}”气体处于或接近爆炸范围，井下有 {inside} 人。请立即决定是否召回。"),
            facts={"place": event.place, "inside": event.inside},
            url=queries.address(event.subject_id),
            tone="red",
            exercise=event.exercise,
            now=event.at,
        )
