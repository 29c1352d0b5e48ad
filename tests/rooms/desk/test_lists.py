"""Lists: filters, order, pages, jurisdiction, export; the enterprise list stands for all."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory
from python_calamine import CalamineWorkbook
from tests.rooms.ground.plants import officer

from anlan.desk.resource import asking, find_resource, listing, pages
from anlan.desk.resource.listing import Cursor, Order, page_of
from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor
from anlan.ledger.models import AuditEntry

pytestmark = pytest.mark.django_db
Browser = Callable[[Actor], Client]


def test_the_list_says_how_many_and_links_each_row(browser: Browser, jinan: Actor, plants: list[Enterprise]) -> None:
    page = browser(jinan).get("/enterprises/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "共 4 条" in text
    assert all(f"/enterprises/{plant.pk}/" in text for plant in plants)
    assert 'aria-sort="ascending"' in text


def test_a_phone_gets_shorter_pages_until_its_reader_chooses() -> None:
    ask = RequestFactory().get
    assert [pages.usual_size(ask("/", headers={"User-Agent": name})) for name in ("Firefox", "Chrome Mobile")] == [50, 25]


def test_htmx_gets_only_the_table(browser: Browser, jinan: Actor, plants: list[Enterprise]) -> None:
    text = browser(jinan).get("/enterprises/?q=化工", headers={"HX-Target": "list"}).content.decode()
    assert "<html" not in text
    assert "济南华鲁化工有限公司" in text and "泉城燃气" not in text


@pytest.mark.parametrize("words", ["化", "华鲁", "华鲁化工", "hualu", "hlhg", "jinanhualu", "91370102MA0000001", "济南 化工"])
def test_search_finds_by_characters_pinyin_initials_and_code(browser: Browser, jinan: Actor, plants: list[Enterprise], words: str) -> None:
    assert "济南华鲁化工有限公司" in browser(jinan).get("/enterprises/", {"q": words}).content.decode()


def test_an_empty_list_says_why_and_what_next(browser: Browser, jinan: Actor, plants: list[Enterprise]) -> None:
    text = browser(jinan).get("/enterprises/", {"q": "没有这家"}).content.decode()
    assert "没有符合条件的记录" in text and "清除条件" in text


def test_a_wrong_parameter_is_named_not_ignored(browser: Browser, jinan: Actor, plants: list[Enterprise]) -> None:
    text = browser(jinan).get("/enterprises/", {"state": "flying", "sort": "password"}).content.decode()
    assert "“flying”不是可选的筛选值" in text and "不能按“password”排序" in text
    assert "济南华鲁" not in text


@pytest.mark.parametrize("sort", ["name_key", "-name_key", "uscc", "-updated_at"])
@pytest.mark.parametrize("cap", [0, 10_000])
def test_pages_walked_forth_and_back_hold_every_row_once(
    plants: list[Enterprise], monkeypatch: pytest.MonkeyPatch, sort: str, cap: int
) -> None:
    monkeypatch.setattr(listing, "COUNT_CAP", cap)  # 0: the index is walked; 10,000: few rows are sorted
    order = Order(sort.lstrip("-"), sort.startswith("-"))
    expected = list(Enterprise.objects.order_by(sort, "-pk" if order.descending else "pk"))
    seen, cursor = [], None
    while True:
        page = page_of(Enterprise.objects.all(), order, cursor, 3)
        seen += page.rows
        if page.next is None:
            break
        cursor = Cursor.decode(page.next.encode(), Enterprise._meta.get_field(order.field))
    assert seen == expected
    back = page_of(Enterprise.objects.all(), order, page.previous, 3)
    assert list(back.rows) == expected[:3]
    assert back.next is not None
    last = page_of(Enterprise.objects.all(), order, Cursor(backwards=True), 3)
    assert list(last.rows) == expected[-3:] and last.next is None


@pytest.mark.parametrize("cap", [0, 10_000])
@pytest.mark.parametrize("sort", ["staff_count", "-staff_count"])
def test_rows_without_a_value_are_walked_too(plants: list[Enterprise], monkeypatch: pytest.MonkeyPatch, sort: str, cap: int) -> None:
    monkeypatch.setattr(listing, "COUNT_CAP", cap)
    for number, plant in enumerate(plants[:2]):
        Enterprise.objects.filter(pk=plant.pk).update(staff_count=number)
    order = Order("staff_count", sort.startswith("-"))
    seen, cursor = [], None
    for _ in range(4):
        page = page_of(Enterprise.objects.all(), order, cursor, 1)
        seen += page.rows
        cursor = page.next
    assert cursor is None
    assert len({row.pk for row in seen}) == 4
    counts = [row.staff_count for row in seen]
    assert counts == ([None, None, 1, 0] if order.descending else [0, 1, None, None])


def test_more_matches_than_the_cap_are_counted_as_more(plants: list[Enterprise], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "COUNT_CAP", 2)
    page = page_of(Enterprise.objects.all(), Order("name_key"), None, 25)
    assert page.capped and page.count == 2
    assert asking.count_text(page) == "共 2 条以上"


def test_a_spoilt_cursor_is_refused(browser: Browser, jinan: Actor, plants: list[Enterprise]) -> None:
    assert "翻页位置无效" in browser(jinan).get("/enterprises/", {"at": "??"}).content.decode()


def test_columns_and_density_are_remembered(browser: Browser, jinan: Actor, plants: list[Enterprise]) -> None:
    client = browser(jinan)
    client.post("/enterprises/taste/", {"columns": ["name", "uscc"], "dense": "1", "size": "25", "query": "q=化工"})
    text = client.get("/enterprises/").content.decode()
    assert "table-dense" in text
    assert 'data-label="统一社会信用代码"' in text and 'data-label="更新时间"' not in text


def test_every_list_opens_for_an_officer_who_may_see_it(browser: Browser, plants: list[Enterprise]) -> None:
    from anlan.desk.resource import all_resources

    everywhere = officer("370000", "*")
    for resource in all_resources():
        page = browser(everywhere).get(f"/{resource.code}/")
        assert page.status_code == 200, resource.code


def test_export_is_what_is_filtered_without_formulas_and_audited(browser: Browser, jinan: Actor, plants: list[Enterprise]) -> None:
    client = browser(jinan)
    answer = client.get("/enterprises/export/", {"format": "csv", "q": "机械"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert len(rows) == 2
    assert rows[1][0].startswith("'=HYPERLINK")
    entry = AuditEntry.objects.filter(action="enterprises.export").latest("sequence")
    assert entry.content["facts"]["words"] == "机械" and entry.content["facts"]["format"] == "csv"
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/enterprises/export/", {"format": "xlsx"}).content))
    cells = book.get_sheet_by_index(0).to_python()
    assert len(cells) == 5
    assert any(str(row[0]).startswith("'=HYPERLINK") for row in cells)


def test_who_may_look_but_not_export_exports_nothing(browser: Browser, plants: list[Enterprise]) -> None:
    onlooker = officer("370100", "enterprises.view")
    client = browser(onlooker)
    assert "导出" not in client.get("/enterprises/").content.decode()
    assert client.get("/enterprises/export/").status_code == 403


def test_the_declaration_offers_only_orders_that_an_index_gives(plants: list[Enterprise]) -> None:
    resource = find_resource("enterprises")
    assert resource is not None
    indexed = {index.fields[0] for index in Enterprise._meta.indexes if index.fields}
    assert set(asking.sortable(resource)) <= indexed
