"""The review of an incident of 100,000 entries: gathered, counted, written as PDF, as Word file and as a spreadsheet, and shown as a page.

``aftermath_s``: everything together as a reader waits for it, the slowest of the runs; ``aftermath_page_s``: one page of it alone.
Entries are spread as a long response has them: notes, decisions and contacts in the log, 2,000 tasks ordered, accepted and done, a quarter of them late.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

LOG, TASKS, RUNS = 94_000, 2_000, 3
LIMIT_S = 10.0
COUNTY = "370102"


def measure(say: Callable[[str], None]) -> dict[str, float]:
    """Fill once, look back as often as :data:`RUNS` says."""
    from anlan.desk.documents import docx, pdf
    from anlan.kernel import clock
    from anlan.review.aftermath import presenting, queries, rules

    review, actor = _filled(say)
    whole, page = [], []
    for _run in range(RUNS):
        now = clock.now()
        began = time.perf_counter()
        lines = queries.lines(review, actor, now)
        queries.figures(review, lines)
        rules.moments(lines, 120)
        page.append(time.perf_counter() - began)
        document = presenting.document(review, lines, actor, now)
        sizes = len(pdf(document)), len(docx(document)), len(presenting.sheet(lines))
        whole.append(time.perf_counter() - began)
        say(f"{len(lines):,} lines: gathered {page[-1]:.2f} s, with documents {whole[-1]:.2f} s ({sizes} bytes)")
    return {
        "aftermath_s": round(max(whole), 2),
        "aftermath_page_s": round(max(page), 2),
        "aftermath_entries": len(lines),
        "aftermath_limit_s": LIMIT_S,
    }


def _filled(say: Callable[[str], None]) -> tuple[Any, Any]:
    """An incident with its entries and its review, made anew for each run of the bench."""
    from tests.accounts import actor_of, make_account

    from anlan.command.incidents.models import Incident, ResponseTask, SituationEntry
    from anlan.command.incidents.rules import OPEN
    from anlan.kernel import clock
    from anlan.kernel.ids import new_id
    from anlan.review.aftermath import services

    now = clock.now()
    actor = actor_of(make_account(f"review-{new_id().hex[-10:]}", "duty_leader", COUNTY))
    began = now - timedelta(hours=36)
    incident = Incident.objects.create(
        state=OPEN,
        opened_at=began,
        title="长时间处置",
        kind="hazchem_leak",
        occurred_at=began,
        place_code=COUNTY,
        opened_by_id=actor.account_id,
        opened_by_name=actor.name,
    )
    span = timedelta(hours=36) / LOG
    kinds = ("note", "note", "contact", "note", "decision", "request", "note", "note", "contact", "note")
    entries = (
        SituationEntry(
            incident=incident,
            at=began + number * span,
            kind=kinds[number % 10],
            text=f"第 {number} 条：现场浓度 {number % 97 / 10} ppm，水幕正常，人员到位。",
            author_id=actor.account_id,
            author_name=actor.name,
        )
        for number in range(LOG)
    )
    SituationEntry.objects.bulk_create(entries, batch_size=5000)
    tasks = [_task(ResponseTask, incident, number, began, actor.name) for number in range(TASKS)]
    ResponseTask.objects.bulk_create(tasks, batch_size=1000)
    _steps(tasks, actor, began)
    say(f"filled: {LOG:,} log entries, {TASKS:,} tasks")
    return services.open_review(incident.pk, actor=actor, now=now), actor


def _task(model: Any, incident: Any, number: int, began: datetime, who: str) -> Any:
    ordered = began + timedelta(seconds=number * 60)
    return model(
        incident=incident,
        state="done",
        opened_at=ordered,
        closed_at=ordered + timedelta(minutes=40 if number % 4 == 0 else 20),
        place_code=COUNTY,
        number=number + 1,
        title=f"任务 {number}",
        assignee="救援队",
        due=ordered + timedelta(minutes=30),
        ordered_by_name=who,
        outcome="完成",
    )


def _steps(tasks: list[Any], actor: Any, began: datetime) -> None:
    """The steps of each task's flow, as the flow engine would have written them."""
    from anlan.ledger.models import FlowStep

    def step(task: Any, move: str, source: str, target: str, at: datetime) -> FlowStep:
        who: dict[str, UUID | str] = {"actor_id": actor.account_id, "actor_name": actor.name}
        told = {"flow": "task", "subject_type": "incidents.responsetask", "subject_id": task.pk}
        return FlowStep(move=move, source=source, target=target, at=at, **told, **who)

    made = []
    for task in tasks:
        made.append(step(task, "open", "", "ordered", task.opened_at))
        made.append(step(task, "accept", "ordered", "accepted", task.opened_at + timedelta(minutes=3)))
        made.append(step(task, "finish", "accepted", "done", task.closed_at))
    FlowStep.objects.bulk_create(made, batch_size=5000)
