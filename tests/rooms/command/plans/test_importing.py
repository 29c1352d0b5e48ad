"""A Word file is taken into a draft piece by piece, by a person; nothing enters unasked, nothing is decided twice."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.accounts import client_for
from tests.rooms.command.plans.test_plans import content
from tests.rooms.command.plans.test_reading import plan as word_plan
from tests.rooms.jinan import NOW, actor

from anlan.command.plans import importing, mapping, queries, rules, services
from anlan.command.plans.models import ImportStep
from anlan.kernel.access import system_actor

pytestmark = pytest.mark.django_db


def test_pieces_enter_the_draft_only_when_somebody_takes_them(world: None) -> None:
    clerk = actor("bureau_clerk", "370102")
    draft = services.create_plan(content(), actor=system_actor("loader"), now=NOW)
    # Written once: a file that is written again in another second is another file.
    written = word_plan()
    document = importing.start(draft, "预案.docx", written, actor=clerk, now=NOW)
    assert draft.chapters.count() == 0
    with pytest.raises(rules.ReadAlready):
        importing.start(draft, "again.docx", written, actor=clerk, now=NOW)
    for step in document.steps.filter(kind=mapping.CHAPTER):
        importing.take_chapter(step, step.clause, step.heading, step.text, actor=clerk, now=NOW)
    organisation = draft.chapters.get(clause="7.2")
    assert "总经理" in organisation.text, "what stands under a chapter is added to it"
    assert organisation.origin.startswith("预案.docx ¶")
    assert [row.clause for row in queries.lacking(draft, NOW).missing] == ["7.3", "7.5"]
    first = document.steps.filter(kind=mapping.ACTION)[0]
    values = importing.first_values(first)
    assert (values["text"], values["deadline_min"]) == ("关闭阀门", 5)
    importing.take_action(first, values | {"role_code": "fire", "levels": "III"}, actor=clerk, now=NOW)
    with pytest.raises(rules.StepDecided):
        importing.leave_out(first, actor=clerk, now=NOW)
    for step in document.steps.filter(state=ImportStep.WAITING):
        importing.leave_out(step, actor=clerk, now=NOW)
    assert {step.state for step in document.steps.all()} == {ImportStep.TAKEN, ImportStep.LEFT_OUT}
    assert document.steps.filter(state=ImportStep.LEFT_OUT, heading="企业文化").exists(), "what is left out stays listed"


def test_the_pages_of_an_import_refuse_by_name_and_take_with_changes(world: None) -> None:
    draft = services.create_plan(content(), actor=system_actor("loader"), now=NOW)
    client = client_for("bureau_clerk", "370102")
    base = f"/plans/{draft.pk}/imports/"
    assert "不是 Word 文档" in client.post(base, {"file": SimpleUploadedFile("表.pdf", b"%PDF")}).content.decode()
    answer = client.post(base, {"file": SimpleUploadedFile("预案.docx", word_plan())})
    assert answer.status_code == 302
    assert "已处理 0 /" in client.get(answer["Location"]).content.decode()
    document = draft.imports.get()
    chapter, action = document.steps.filter(clause="7.1")[0], document.steps.filter(kind=mapping.ACTION)[0]
    written = {"do": "take", "clause": "7.1", "heading": "适用范围", "text": "改过的话"}
    assert client.post(f"{base}{document.pk}/{chapter.pk}/", written).status_code == 302
    lacking = client.post(f"{base}{document.pk}/{action.pk}/", {"do": "take", "text": "关闭阀门"})
    assert lacking.status_code == 422
    assert client.post(f"{base}{document.pk}/{action.pk}/?as=chapter", {"do": "leave"}).status_code == 302
    chapter.refresh_from_db()
    assert (chapter.state, draft.chapters.get().text) == (ImportStep.CHANGED, "改过的话")
