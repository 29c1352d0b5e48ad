"""Hidden dangers from the enterprise's own system: each step once, by the same checks as a person's, and never a step that is a person's alone."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from tests.rooms.prevent.dangers.works import CRITERION, PLAN, Picture, Works

from anlan.desk.sending import all_sendables, taking
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.ledger.models import AuditEntry, ExternalReference
from anlan.prevent.dangers import importing, refusals, rules, services
from anlan.prevent.dangers.models import Danger


def photo(colour: tuple[int, int, int] = (9, 9, 9)) -> dict[str, str]:
    return {"name": "现场.jpg", "base64": base64.b64encode(Picture(colour).read()).decode()}


def send(works: Works, content: dict[str, Any], number: str = "YH-1", by: str = "manager") -> taking.Taken:
    sendable = next(each for each in all_sendables() if each.code == "dangers")
    return taking.take(sendable, number, content, **works.by(by))


def found(works: Works, **more: Any) -> dict[str, Any]:
    at = (works.now - timedelta(hours=2)).isoformat()
    return {"title": "配电箱门缺失", "location": "包装车间东墙", "found_at": at, **more}


def ordered(works: Works, **more: Any) -> dict[str, Any]:
    order = {"order_text": "加装箱门", "order_basis": "安全生产法第四十一条", "deadline": (works.now + timedelta(days=5)).isoformat()}
    return {**found(works), "grade": "general", **order, **more}


def test_a_danger_is_sent_step_by_step_and_each_step_is_made_once(works: Works) -> None:
    steps = [
        found(works, pictures=[photo()]),
        found(works, pictures=[photo()], description="门轴断裂"),
        ordered(works, description="门轴断裂"),
        ordered(works, description="门轴断裂", responsible_name="王强", measures="更换箱门"),
        ordered(
            works,
            description="门轴断裂",
            responsible_name="王强",
            measures="更换箱门",
            outcome="已更换，门锁有效",
            pictures_after=[photo((1, 2, 3))],
        ),
    ]
    states = []
    for number, content in enumerate(steps):
        taken = send(works, content)
        assert taken.result == ("changed" if number else "created")
        states.append(taken.record.state)
        before = AuditEntry.objects.count()
        assert send(works, content).result == "same"
        assert AuditEntry.objects.count() == before
    assert states == [rules.FOUND, rules.FOUND, rules.ORDERED, rules.RECTIFYING, rules.RECTIFIED]
    danger = Danger.objects.get()
    assert (danger.source, danger.external_number, danger.description) == (rules.SELF_CHECK, "YH-1", "门轴断裂")
    assert AuditEntry.objects.filter(action="evidence.attach").count() == 2
    # A person verifies; what the system repeats then changes nothing, and it takes nothing back.
    services.verify(danger.pk, verdict="合格", **works.by("principal"))
    assert send(works, steps[-1]).result == "same"
    with pytest.raises(refusals.StepTaken):
        send(works, {**steps[-1], "outcome": "又改了一遍"})
    with pytest.raises(refusals.StepTaken):
        send(works, {**steps[-1], "grade": "major", "grade_reason": "x"})
    danger.refresh_from_db()
    assert danger.state == rules.VERIFIED


def test_all_of_it_may_come_at_once_and_a_refused_step_takes_all_of_it_back(works: Works) -> None:
    whole = ordered(works, responsible_name="王强", measures="更换", outcome="已更换")
    with pytest.raises(refusals.PictureNeeded):
        send(works, whole)
    assert not Danger.objects.exists()
    assert not ExternalReference.objects.exists()
    assert send(works, {**whole, "pictures_after": [photo()]}).record.state == rules.RECTIFIED
    at_once = {**found(works), "grade": "general", "outcome": "当场关闭", "pictures_after": [photo()]}
    assert send(works, at_once, "YH-2").record.state == rules.RECTIFIED
    major = {**ordered(works), "grade": "major", "criterion": CRITERION, "responsible_name": "王强", "measures": "更换控制器"}
    with pytest.raises(refusals.FixesMissing):
        send(works, major, "YH-3")
    whole_plan = {**major, "funds_yuan": 80000, "contingency": "停车撤人", "plan": PLAN}
    assert send(works, whole_plan, "YH-3").record.state == rules.RECTIFYING


def test_a_removal_that_was_sent_back_is_not_told_again_by_the_old_words(works: Works) -> None:
    content = ordered(works, responsible_name="王强", measures="更换", outcome="已更换", pictures_after=[photo()])
    danger = send(works, content).record
    services.send_back(danger.pk, reason="门锁仍坏", **works.by("principal"))
    assert send(works, content).result == "same"
    assert send(works, {**content, "revision": 2}).record.state == rules.RECTIFYING
    assert send(works, {**content, "pictures": [photo((7, 7, 7))]}).record.state == rules.RECTIFYING
    again = send(works, {**content, "outcome": "门锁也换了", "pictures_after": [photo((5, 5, 5))]})
    assert again.record.state == rules.RECTIFIED
    assert [each.outcome for each in again.record.rounds.order_by("number")] == ["已更换", "门锁也换了"]


def test_what_the_law_forbids_and_what_is_a_person_s_is_refused(works: Works) -> None:
    def refused(content: dict[str, Any], *names: str) -> None:
        with pytest.raises(Invalid) as caught:
            send(works, content)
        assert set(caught.value.fields) == set(names)

    refused({**found(works), "closed_at": "2026-11-21", "verdict": "合格"}, "closed_at", "verdict")
    refused({**found(works), "criterion": CRITERION}, "grade")
    refused({**found(works), "order_text": "x"}, "order_basis", "deadline", "grade")
    refused({**found(works), "grade": "huge"}, "grade")
    refused({**found(works), "pictures": [{"name": "a.jpg", "base64": "?"}]}, "pictures.0.base64")
    for content, refusal in (
        ({**found(works), "found_at": (works.now + timedelta(hours=1)).isoformat()}, refusals.FoundInTheFuture),
        ({**found(works), "grade": "major"}, refusals.CriterionNeeded),
        (ordered(works, deadline=(works.now - timedelta(hours=1)).isoformat()), refusals.DeadlinePassed),
        (found(works, measures="x", responsible_name="y"), refusals.StepMissing),
        (found(works, outcome="x"), refusals.StepMissing),
        (found(works, sector="space"), refusals.UnknownCode),
    ):
        with pytest.raises(refusal):
            send(works, content)
    assert not Danger.objects.exists()
    send(works, {**found(works), "grade": "general"})
    with pytest.raises(refusals.GradedAlready):
        send(works, {**found(works), "title": "另一处", "grade": "general"})
    with pytest.raises(Refusal):
        send(works, found(works), "YH-9", by="inspector")


def test_one_of_the_spreadsheet_is_meant_by_its_number_and_one_of_a_bureau_never(works: Works) -> None:
    listed = works.found("manager", source=rules.SELF_CHECK, source_id=importing.key_of(works.enterprise.pk, "YH-1"))
    content = {"title": listed.title, "location": listed.location, "found_at": listed.found_at.isoformat(), "grade": "general"}
    taken = send(works, content)
    assert (taken.record.pk, taken.result, taken.record.state) == (listed.pk, "changed", rules.GRADED)
    # Another system of the enterprise means one of its own by the same number.
    other = send(works, found(works), by="principal")
    assert (other.result, other.record.source_id) == ("created", None)
    bureaus = works.found("inspector")
    ExternalReference.objects.filter(source="manager").update(record_id=bureaus.pk)
    with pytest.raises(refusals.NotSelfFound):
        send(works, {**content, "grade_reason": "x"})
    Danger.objects.filter(pk=bureaus.pk).update(classification=2)
    with pytest.raises(NotFound):
        send(works, {**content, "grade_reason": "y"})


def test_a_grade_that_an_inspector_changed_is_not_changed_back_by_the_system(works: Works) -> None:
    danger = send(works, {**found(works), "grade": "general"}).record
    services.grade(danger.pk, grade=rules.MAJOR, criterion=CRITERION, reason="无联锁", **works.by("inspector"))
    with pytest.raises(refusals.StepTaken):
        send(works, {**ordered(works), "grade_reason": "不构成重大隐患"})
    taken = send(works, {**ordered(works), "grade": "major", "criterion": CRITERION})
    assert (taken.record.state, taken.record.grade) == (rules.ORDERED, rules.MAJOR)
    with pytest.raises(refusals.StepTaken):
        send(works, {**ordered(works), "grade": "major", "criterion": CRITERION, "order_text": "另一要求"})
    drill = send(works, found(works, exercise=True), "YH-2").record
    assert drill.exercise
