"""The chain by clicks: a duty officer, a leader and an approver take an alarm to a closed incident in three browsers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.browser.audit import Visitor, leave, picture

pytestmark = pytest.mark.browser


def enter(visitor: Callable[[str], Visitor], role: str, path: str) -> Visitor:
    one = visitor(role)
    one.wear("zh", "light")
    one.open(path, 1440)
    return one


def press(one: Visitor, name: str) -> None:
    """Click a button of the page's content and wait for what comes, its map excepted: nobody looks at it here."""
    with one.page.expect_navigation(wait_until="domcontentloaded"):
        one.page.locator("main").get_by_role("button", name=name, exact=True).first.click()
    one.page.wait_for_selector("html[data-shell-ready]", state="attached")


def send_the_others(page: Page, move: str, incident: str) -> None:
    """Send the forms of every other task as they stand in the page; two dozen clicks more would say the same."""
    page.evaluate(
        """async move => {
            for (const form of document.querySelectorAll(`form[action$='/${move}/']`)) {
                const words = form.querySelector("[name=words]");
                if (words) words.value = "已完成";
                // Where it leads is the page that is opened below, once.
                await fetch(form.action, {method: "POST", body: new FormData(form), redirect: "manual"});
            }
        }""",
        move,
    )
    page.goto(incident, wait_until="domcontentloaded")
    page.wait_for_selector("html[data-shell-ready]", state="attached")


def test_an_alarm_is_taken_to_a_closed_incident_by_clicks(visitor: Callable[[str], Visitor]) -> None:
    address = report(visitor)
    incident = open_incident(visitor, address)
    start_response(visitor, incident)
    warn(visitor, incident)
    finish(visitor, incident)
    for role in ("duty", "leader", "approver"):
        # A picture taken in mid-story makes the browser put an empty style into the page, which the page's policy reports.
        assert [wrong for wrong in visitor(role).watcher.take() if "inline style" not in wrong] == []


def report(visitor: Callable[[str], Visitor]) -> str:
    """Acknowledge with one key's button, report from the alarm's row; what is not known counts as such."""
    duty = enter(visitor, "duty", "/duty/")
    page = duty.page
    picture(page, "chain-1-duty-desk")
    waiting = page.get_by_role("button", name="确认", exact=True)
    before = waiting.count()
    waiting.first.click()
    expect(waiting).to_have_count(before - 1)
    with page.expect_navigation():
        page.locator("tr", has_text="程安").get_by_role("link", name="填报").first.click()
    duty.settle()
    page.locator("#id_title").fill("示范氯碱有限公司氯气泄漏（点击演练）")
    picture(page, "chain-2-report")
    press(duty, "空项按“暂不清楚”报送")
    expect(page.locator("h1")).to_contain_text("点击演练")
    picture(page, "chain-3-reported")
    return page.url


def open_incident(visitor: Callable[[str], Visitor], filing: str) -> str:
    """Make an incident of the report."""
    duty = visitor("duty")
    page = duty.page
    with page.expect_navigation():
        page.get_by_role("link", name="立案处置").first.click()
    duty.settle()
    press(duty, "立案")
    assert re.search(r"/incidents/[0-9a-f-]{36}/$", page.url), (page.url, filing)
    return page.url


def start_response(visitor: Callable[[str], Visitor], incident: str) -> None:
    """The officer proposes, the leader starts; the plan becomes tasks."""
    duty = visitor("duty")
    page = duty.page
    page.locator("input[name=level]").first.check()
    for name, words in (("matter", "液氯泄漏处置"), ("measures", "疏散下风向人员"), ("grounds", "突发事件应对法第七十一条")):
        page.locator(f"[name={name}]").first.fill(words)
    press(duty, "提请启动")
    expect(page.locator("main").get_by_role("button", name="批准启动")).to_have_count(0)
    leader = visitor("leader")
    leader.wear("zh", "light")
    leader.page.set_viewport_size({"width": 1440, "height": 900})
    leader.page.goto(incident)
    leader.settle()
    press(leader, "批准启动")
    assert leader.page.locator("tr[id^=task-]").count() >= 3
    picture(leader.page, "chain-4-response")
    leave(leader)


def warn(visitor: Callable[[str], Visitor], incident: str) -> None:
    """The officer drafts and cannot approve; the approver publishes."""
    duty = visitor("duty")
    page = duty.page
    page.goto(incident)
    duty.settle()
    with page.expect_navigation():
        page.get_by_role("link", name="起草预警").first.click()
    duty.settle()
    page.locator("#id_description").fill("液氯泄漏，下风向可能受影响。")
    page.locator("#id_instruction").fill("关闭门窗，不要外出。")
    page.locator("input[name=area_codes]").first.check()
    press(duty, "提交审批")
    assert "/warnings/" in page.url
    assert not page.url.endswith("/new/")
    expect(page.locator("main")).to_contain_text("须由另一人审批")
    expect(page.locator("main").get_by_role("button", name="批准并发布")).to_have_count(0)
    approver = visitor("approver")
    approver.wear("zh", "light")
    approver.page.set_viewport_size({"width": 1440, "height": 900})
    approver.page.goto(page.url)
    approver.settle()
    press(approver, "批准并发布")
    expect(approver.page.locator("main")).to_contain_text("预警标识")
    picture(approver.page, "chain-5-published")
    leave(approver)


def finish(visitor: Callable[[str], Visitor], incident: str) -> None:
    """Every task is done, the response ends, the incident closes; the timeline tells it all and prints."""
    duty, leader = visitor("duty"), visitor("leader")
    page = duty.page
    page.goto(incident, wait_until="domcontentloaded")
    page.wait_for_selector("html[data-shell-ready]", state="attached")
    press(duty, "接收")
    send_the_others(page, "accept", incident)
    page.locator(".task-finish input[id^=outcome-]").first.fill("已完成")
    press(duty, "完成")
    send_the_others(page, "finish", incident)
    while page.locator("form[action$='/finish/']").count():
        # What waited for others to be done.
        send_the_others(page, "finish", incident)
    leave(duty)
    leader.page.goto(incident)
    leader.settle()
    leader.page.locator("summary", has_text="结束响应").click()
    leader.page.locator("#end-grounds").fill("泄漏源已封堵，监测正常")
    press(leader, "结束响应")
    leader.page.locator("#closing").fill("无死亡，环境监测正常")
    press(leader, "结案")
    picture(leader.page, "chain-6-closed")
    with leader.page.expect_navigation():
        leader.page.get_by_role("link", name="时间线").first.click()
    leader.settle()
    words = leader.page.locator("main").inner_text()
    for told in ("报警", "批准启动", "预警", "结案"):
        assert told in words
    picture(leader.page, "chain-7-timeline")
    printed = leader.page.request.get(f"{incident}timeline.pdf")
    assert printed.status == 200
    assert printed.body()[:5] == b"%PDF-"
