"""Reading a pack's folder: everything that is wrong is found, with its file and line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.ground.packs import folders

from anlan.ground.packs import comparing, reading, rules, services
from anlan.kernel.errors import Invalid

SECTORS = {f"S{number:02}" for number in range(1, 52)}
BUILT_IN = sorted(path for path in services.DATA.iterdir() if path.is_dir())


def told(folder: Path, **more) -> list[str]:
    return [problem.told() for problem in reading.read(folder, SECTORS, **more).problems]


def test_eleven_packs_come_with_the_platform_and_nothing_is_wrong_with_them():
    assert len(BUILT_IN) == 11
    for folder in BUILT_IN:
        assert told(folder) == [], folder.name


@pytest.mark.parametrize("folder", BUILT_IN, ids=lambda path: path.name)
def test_a_built_in_pack_has_fields_and_checks_and_says_what_it_does_not_hold(folder):
    found = reading.read(folder, SECTORS).content
    assert found.tables["fields"] and found.tables["checklists"]
    assert found.head.note_zh and found.head.note_en
    for rows in found.tables.values():
        assert all(row.source and row.status in rules.STATUSES for row in rows)
        # A figure that the project chose itself is never called verified.
        assert all(row.status == "unverified" for row in rows if "项目默认" in row.source)


def test_a_pack_of_an_invented_sector_is_read_and_comes_back_from_its_kept_form(tmp_path):
    read = reading.read(folders.write(tmp_path), SECTORS)
    assert read.problems == ()
    assert read.content.tables["criteria"][0].text_zh == "使用金属线放飞"
    again = reading.unpacked(reading.packed(read.content))
    assert again.head == read.content.head and reading.digest(again) == read.digest
    assert {name: rows for name, rows in again.tables.items() if rows} == dict(read.content.tables)


@pytest.mark.parametrize(
    ("tables", "wanted"),
    [
        ({"fields": "code,name_zh\nx,线\n"}, "fields.csv:1: 缺少列“name_en”"),
        ({"fields": folders.TABLES["fields"].replace("unit", "units")}, "fields.csv:1: 不认识的列“units”"),
        ({"fields": folders.TABLES["fields"].replace("测试自拟,verified", ",verified", 1)}, "fields.csv:3: 缺少出处"),
        ({"fields": folders.TABLES["fields"].replace("number,m", "length,m")}, "fields.csv:2: 列“type”的“length”不是可用的代码"),
        ({"fields": folders.TABLES["fields"].replace("paper=纸|Paper;", "paper;")}, "fields.csv:3: 选项“paper”应写成"),
        ({"fields": folders.TABLES["fields"].replace("night,", "line,")}, "fields.csv:4: 代码“line”重复，第 2 行已有"),
        ({"fields": folders.TABLES["fields"].replace(",true,", ",maybe,")}, "fields.csv:2: 列“required”的“maybe”不是true 或 false"),
        ({"criteria": folders.TABLES["criteria"].replace("kites_2026,1", "kites_2025,1")}, "criteria.csv:2: 列“list”的“kites_2025”在 criteria_lists.csv 中没有"),
        ({"criteria": folders.TABLES["criteria"].replace(",,\n", ",2026-05-01,2026-04-30\n")}, "criteria.csv:2: 失效日期早于生效日期"),
        ({"checklists": folders.TABLES["checklists"].replace(",wire,", ",glass,")}, "checklists.csv:2: 列“criterion”的“glass”在 criteria.csv 中没有"),
        ({"checklists": folders.TABLES["checklists"].replace("unverified", "sure")}, "checklists.csv:2: “sure”不是核实情况代码"),
        ({"sensor_rules": folders.TABLES["sensor_rules"].replace("12.5", "twelve")}, "sensor_rules.csv:2: 列“threshold”的“twelve”不是数值"),
        ({"sensor_rules": folders.TABLES["sensor_rules"].replace("m/s,2", "m/s,7")}, "sensor_rules.csv:2: 报警级别“7”不在 1 至 4 之间"),
        ({"sensor_rules": folders.TABLES["sensor_rules"] + ",,,,,,,,,,,,,,,extra\n"}, "sensor_rules.csv:3: 这一行的单元格比表头多"),
    ],
)  # fmt: skip
def test_each_wrong_row_is_told_with_its_file_and_line(tmp_path, tables, wanted):
    found = told(folders.write(tmp_path, **tables))
    assert any(line.startswith(wanted) for line in found), found


def test_days_of_one_code_must_not_overlap_but_may_follow_each_other(tmp_path):
    row = "wire,kites_2026,1,第一条,,使用金属线放飞,Wire,true,测试自拟,verified,{},{}\n"
    head = folders.TABLES["criteria"].splitlines(keepends=True)[0]
    follows = head + row.format("", "2026-06-30") + row.format("2026-07-01", "")
    assert told(folders.write(tmp_path / "a", criteria=follows)) == []
    overlaps = head + row.format("", "2026-06-30") + row.format("2026-06-30", "")
    assert told(folders.write(tmp_path / "b", criteria=overlaps)) == ["criteria.csv:3: 代码“wire”与第 2 行的有效期重叠"]


def test_a_head_is_checked_and_a_sector_must_be_known_or_defined(tmp_path):
    assert told(tmp_path / "none") == ["pack.toml: 缺少 pack.toml"]
    unknown = folders.HEAD.replace('sectors = ["X01"]', 'sectors = ["X02"]')
    assert told(folders.write(tmp_path / "a", head=unknown)) == [
        "pack.toml: 行业领域代码“X02”不在清单中；新领域须在 [[new_sectors]] 中定义",
        "pack.toml: 定义的行业领域“X01”没有列入 sectors",
    ]
    assert "pack.toml:8: " in told(folders.write(tmp_path / "b", head=folders.HEAD.replace('"unverified"', '"sure"')))[0]
    assert "price" in told(folders.write(tmp_path / "c", head='price = "1"\n' + folders.HEAD))[0]
    (folders.write(tmp_path / "d") / "notes.csv").write_text("x\n", encoding="utf-8")
    assert told(tmp_path / "d")[0].startswith("notes.csv: 不认识的文件")
    (folders.write(tmp_path / "e") / "fields.csv").write_bytes("code,名称\n".encode("gbk"))
    assert told(tmp_path / "e")[0].startswith("fields.csv: 文件不是 UTF-8")


def test_what_other_rooms_hold_is_asked_of_them(tmp_path):
    head = folders.HEAD.replace("[[new", 'criteria_from = ["coal_2026"]\nrules_from = ["methane"]\n\n[[new')
    folder = folders.write(tmp_path, head=head)
    assert told(folder, criteria_lists=lambda: {"coal_2026"}, rule_groups=lambda: {"methane"}) == []
    assert len(told(folder, criteria_lists=lambda: {"other"}, rule_groups=lambda: {"other"})) == 2
    assert told(folder, sensor_check=lambda row: f"{row.quantity}?") == ["sensor_rules.csv:2: 监测规则写得不完整：wind_speed?"]


def test_what_changed_between_versions_is_told_by_row_and_column(tmp_path):
    before = reading.read(folders.write(tmp_path / "a"), SECTORS).content
    fields = folders.TABLES["fields"].replace("线长", "放线长度").replace("night,", "colour,")
    after = reading.read(folders.write(tmp_path / "b", fields=fields, sensor_rules=None), SECTORS).content
    found = {(each.table, each.code): (each.how, each.columns) for each in comparing.differences(before, after)}
    assert found == {
        ("fields", "line"): ("changed", (("name_zh", "线长", "放线长度"),)),
        ("fields", "colour"): ("new", ()),
        ("fields", "night"): ("gone", ()),
        ("sensor_rules", "wind"): ("gone", ()),
    }
    assert comparing.differences(before, before) == ()


class Version:
    def __init__(self, day: date) -> None:
        self.in_force_from = day


@given(st.lists(st.dates(), unique=True, max_size=6), st.dates())
def test_the_version_of_a_day_is_the_last_that_had_begun(days, day):
    found = rules.of_day([Version(each) for each in days], day)
    begun = [each for each in days if each <= day]
    assert (found.in_force_from if found else None) == (max(begun) if begun else None)


@given(st.dates(), st.dates())
def test_a_later_version_never_judges_what_was_judged_before_it_was_loaded(wanted, today):
    assert rules.begins(wanted, today=today, first=True) == wanted
    assert rules.begins(wanted, today=today, first=False) >= today


HEAD = rules.Head(
    code="x1", name_zh="甲", name_en="A", version="1", effective_from=date(2026, 1, 1), sectors=("S28",), source="x", status="verified"
)


@pytest.mark.parametrize(
    ("applies", "industries", "sector", "industry", "mark", "wanted"),
    [
        ("sector", (), "S28", "", None, True),
        ("sector", (), "S26", "", None, False),
        ("sector", ("C31",), "S28", "C3110", None, True),
        ("sector", ("C31",), "S28", "C32", None, False),
        ("marked", (), "S28", "", None, False),
        ("marked", (), "S28", "", True, True),
        ("sector", (), "S28", "", False, False),
        ("sector", (), "S01", "", True, True),
    ],
)
def test_what_somebody_said_goes_before_sector_and_industry(applies, industries, sector, industry, mark, wanted):
    head = rules.Head(**{name: getattr(HEAD, name) for name in HEAD.__dataclass_fields__} | {"applies": applies, "industries": industries})
    assert rules.concerns(head, sector=sector, industry=industry, mark=mark) is wanted


def test_answers_are_kept_by_type_and_every_wrong_one_is_named(tmp_path):
    rows = reading.read(folders.write(tmp_path), SECTORS).content.tables["fields"]
    assert rules.answers(rows, {"line": " 120.5 ", "material": "silk", "night": "是"}) == {"line": 120.5, "material": "silk", "night": True}
    assert rules.answers(rows, {"line": "1", "material": ""}) == {"line": 1.0}
    with pytest.raises(Invalid) as refused:
        rules.answers(rows, {"line": "NaN", "material": "iron", "night": "perhaps"})
    assert set(refused.value.fields) == {"line", "material", "night"}
    with pytest.raises(Invalid) as refused:
        rules.answers(rows, {})
    assert set(refused.value.fields) == {"line"}


@given(st.text(max_size=30), st.sampled_from(["text", "number", "integer", "date", "yes_no", "choice"]))
def test_whatever_is_typed_is_kept_or_refused_with_a_sentence(text, kind):
    row = rules.FieldRow(code="x", name_zh="项", name_en="x", type=kind, choices="a=甲|A", source="x", status="verified")
    try:
        rules.answers([row], {"x": text})
    except Invalid as refused:
        assert set(refused.fields) == {"x"}
