"""Loading packs, saying whom they concern, and an enterprise's answers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.accounts import client_of
from tests.rooms.ground.packs import folders

from anlan.ground.organisations import door as organisations
from anlan.ground.packs import command, door, rules, services
from anlan.ground.packs.models import Pack, SectorFacts
from anlan.kernel.errors import Invalid, NotFound, NotPermitted
from anlan.ledger.models import Announcement, AuditEntry
from anlan.ledger.sources import law_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def kites(site, tmp_path):
    """The invented sector's pack, loaded, and an enterprise of that sector."""
    pack, new = services.load_folder(folders.write(tmp_path / "kites"), **site.by())
    assert new
    site.enterprise.sector_code = "X01"
    site.enterprise.save()
    return pack


def test_a_pack_is_loaded_audited_and_announced_once_and_the_same_again_changes_nothing(site, kites, tmp_path):
    entry = AuditEntry.objects.get(action="packs.load")
    assert entry.content["facts"]["edition"] == "1" and entry.actor_name
    assert Announcement.objects.filter(kind="packs.loaded").count() == 1
    again, new = services.load_folder(tmp_path / "kites", **site.by())
    assert (again.pk, new) == (kites.pk, False)
    assert Pack.objects.filter(code="kites").count() == 1 and AuditEntry.objects.filter(action="packs.load").count() == 1


def test_a_broken_pack_is_refused_whole(site, tmp_path):
    folder = folders.write(tmp_path, criteria=folders.TABLES["criteria"].replace("kites_2026,1", "other,1"))
    with pytest.raises(rules.PackBroken, match=r"criteria\.csv:2"):
        services.load_folder(folder, **site.by())
    assert not Pack.objects.exists()


def test_a_loaded_version_never_changes_and_a_new_one_takes_its_place_from_its_day(site, kites, tmp_path):
    changed = folders.write(tmp_path / "b", fields=folders.TABLES["fields"].replace("线长", "放线长度"))
    with pytest.raises(rules.VersionTaken):
        services.load_folder(changed, **site.by())
    criteria = folders.TABLES["criteria"].replace("使用金属线放飞", "使用金属线或鱼线放飞")
    second, _new = services.load_folder(
        folders.write(tmp_path / "c", head=folders.later("2", "2026-07-01"), criteria=criteria), **site.by()
    )
    assert second.in_force_from == date(2026, 7, 1)

    def text(day: date) -> str:
        return door.criterion("kites:wire", day)[1].text_zh

    assert (text(date(2026, 6, 30)), text(date(2026, 7, 1))) == ("使用金属线放飞", "使用金属线或鱼线放飞")
    assert door.criterion("kites:wire", date(2025, 12, 31)) is None
    with pytest.raises(rules.VersionTooEarly):
        services.load_folder(folders.write(tmp_path / "d", head=folders.later("3", "2026-06-15")), **site.by())


def test_a_version_that_comes_late_does_not_judge_what_was_judged(site, kites, tmp_path):
    site.clock.set(site.clock.now() + timedelta(days=60))
    late, _new = services.load_folder(folders.write(tmp_path / "late", head=folders.later("2", "2026-06-10")), **site.by())
    assert late.in_force_from == date(2026, 7, 31)


def test_only_the_operator_loads_and_a_sector_belongs_to_one_pack(site, kites, tmp_path):
    with pytest.raises(NotPermitted):
        services.load_folder(folders.write(tmp_path / "b", head=folders.later("2", "2026-07-01")), **site.by("inspector"))
    other = folders.write(tmp_path / "c", head=folders.HEAD.replace('"kites"', '"balloons"'))
    with pytest.raises(rules.PackBroken):
        services.load_folder(other, **site.by())


def test_the_platform_s_packs_load_at_start_and_are_found_by_sector_industry_and_mark(site):
    assert services.load_built_in(**site.by()) == (11, 11)
    assert services.load_built_in(**site.by()) == (11, 0)
    day = law_day(site.clock.now())

    def packs() -> list[str]:
        return [pack.code for pack in door.packs_of(site.enterprise.pk, day)]

    assert packs() == ["gongmao"]
    services.mark(site.enterprise.pk, "dust", True, reason="有铝粉除尘", **site.by("manager"))
    services.mark(site.enterprise.pk, "gongmao", False, reason="按粉尘涉爆管理", **site.by("inspector"))
    assert packs() == ["dust"]
    assert {item.pack for item in door.checklist("S28", day)} == {"gongmao"}
    assert {item.pack for item in door.checklist_of(site.enterprise.pk, day)} == {"dust"}
    assert all(item.row.article or item.row.source for item in door.checklist_of(site.enterprise.pk, day))
    with pytest.raises(rules.MarkNeedsReason):
        services.mark(site.enterprise.pk, "dust", False, reason=" ", **site.by("manager"))
    with pytest.raises(NotFound):
        services.mark(site.enterprise.pk, "dust", False, reason="x", **site.by("neighbour"))
    with pytest.raises(NotPermitted):
        services.mark(site.enterprise.pk, "dust", False, reason="x", **site.by("officer"))


def test_the_invented_sector_joins_the_register_and_gives_criteria_checks_and_rules(site, kites):
    assert organisations.sector("X01").name_zh == "风筝" and organisations.find_sector("风筝").code == "X01"
    day = law_day(site.clock.now())
    judging = door.criteria_of(site.enterprise.pk, day)
    assert [code for code, _row in judging.lists] == ["kites:kites_2026"] and [code for code, _row in judging.criteria] == ["kites:wire"]
    assert [item.code for item in door.checklist("X01", day)] == ["kites:frayed"]
    assert [(each.code, each.row.threshold) for each in door.sensor_templates(day)] == [("kites-wind", 12.5)]


def test_answers_are_kept_with_their_history_and_two_people_do_not_overwrite_each_other(site, kites):
    pk = site.enterprise.pk
    first = services.save_facts(pk, "kites", {"line": "80", "material": "silk"}, seen=0, **site.by("manager"))
    assert (first.number, first.values) == (1, {"line": 80.0, "material": "silk"})
    same = services.save_facts(pk, "kites", {"line": "80", "material": "silk"}, seen=1, **site.by("manager"))
    assert same.pk == first.pk
    second = services.save_facts(pk, "kites", {"line": "90"}, seen=1, **site.by("inspector"))
    assert (second.number, second.changed) == (2, ["line", "material"])
    with pytest.raises(rules.FactsChanged, match="线长、材料"):
        services.save_facts(pk, "kites", {"line": "85"}, seen=1, **site.by("manager"))
    assert door.facts_of(pk, "kites") == {"line": 90.0}
    assert SectorFacts.objects.count() == 2
    with pytest.raises(Invalid):
        services.save_facts(pk, "kites", {"line": "long"}, **site.by("manager"))
    with pytest.raises(NotFound):
        services.save_facts(pk, "kites", {"line": "1"}, **site.by("neighbour"))


def test_the_command_checks_loads_and_lists(site, tmp_path, capsys):
    folder = folders.write(tmp_path / "kites")
    assert command.main(["check", str(folder)]) == 0 and not Pack.objects.exists()
    assert command.main(["load", str(folder)]) == 0 and command.main(["load", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "Loaded; it holds from 2026-01-01" in out and "nothing changed" in out
    assert command.main(["list"]) == 0 and "kites" in capsys.readouterr().out
    folders.write(tmp_path / "bad", head=folders.later("2", "2027-01-01"), fields="code\n")
    assert command.main(["load", str(tmp_path / "bad")]) == 1
    assert "fields.csv:1" in capsys.readouterr().err
    assert command.main(["check", str(tmp_path / "nowhere")]) == 2


def test_pages_show_packs_their_tables_and_the_enterprise_s_form(site, kites, tmp_path):
    services.load_built_in(**site.by())
    fields = folders.TABLES["fields"].replace("线长", "放线长度")
    services.load_folder(folders.write(tmp_path / "c", head=folders.later("2", "2026-07-01"), fields=fields), **site.by())
    browser, pk = client_of(site.accounts["manager"]), site.enterprise.pk
    listed = browser.get("/packs/").content.decode()
    assert "风筝放飞" in listed and "煤矿" in listed and "自行装入" in listed and "2026-07-01" in listed
    page = browser.get("/packs/kites/?version=2").content.decode()
    assert "没有许可规定" in page and "不是现行版本" in page and "放线长度" in page and "未核实" in page
    assert browser.get("/packs/kites/?version=9").status_code == 404
    assert "本包没有此表" in browser.get("/packs/fireworks/").content.decode()
    address = f"/enterprises/{pk}/sector/kites/"
    assert "线长" in browser.get(address).content.decode()
    wrong = browser.post(address, {"_seen": "0", "line": "长", "material": "silk"})
    assert wrong.status_code == 422 and "无法识别" in wrong.content.decode() and "长" in wrong.content.decode()
    assert browser.post(address, {"_seen": "0", "line": "80", "material": "silk"}).status_code == 302
    file = browser.get(f"/enterprises/{pk}/").content.decode()
    assert "行业信息" in file and "80" in file and "绢" in file and "填写历史" in file
    assert client_of(site.accounts["neighbour"]).get(address).status_code == 404
    assert browser.get(f"/enterprises/{pk}/sector/coal/").status_code == 409
    assert browser.post(f"/enterprises/{pk}/sector/", {"pack": "dust", "applies": "yes", "reason": "有除尘"}).status_code == 302
    assert "粉尘涉爆" in browser.get(f"/enterprises/{pk}/").content.decode()
