"""Ready-made rules: every figure with its source and status, every rule one that the detector understands."""

import csv

import pytest

from anlan.kernel.errors import NotFound
from anlan.sense.criteria import catalogue, rules, wording
from anlan.sense.devices import classes
from anlan.wire import criteria


def test_every_template_that_stands_as_it_is_makes_rules_the_detector_understands():
    known = {each.code for each in classes.table()}
    for template in catalogue.templates():
        assert template.source and template.status in rules.STATUSES, template.code
        assert template.group in catalogue.GROUPS
        assert not template.sensor_class or template.sensor_class in known, template.code
        for part in template.rules:
            assert part.level in rules.LEVELS
            if template.as_it_stands:
                rules.check(part.kind, part.parameters)
            asked = {ask.name for ask in wording.ASKS[part.kind]} | {name for name, _label, _asks in wording.ROWS.get(part.kind, ())}
            assert set(part.parameters) <= asked, template.code


def test_codes_are_different_and_an_unknown_one_is_refused():
    codes = [template.code for template in catalogue.templates()]
    assert len(codes) == len(set(codes))
    with pytest.raises(NotFound):
        catalogue.template("nothing like it")


def test_methane_alarms_at_or_above_is_cut_off_at_or_above_and_restored_below():
    alarm, cut_off = catalogue.template("methane_face").rules
    assert (alarm.parameters, alarm.level) == ({"word": "H", "limit": 1.0}, 2)
    assert (cut_off.parameters, cut_off.level) == ({"word": "HH", "limit": 1.5, "restore": 1.0}, 1)
    assert len(catalogue.template("methane_main_return").rules) == 1


def test_methane_figures_are_those_of_the_reference_table_and_nothing_unseen_counts_as_verified(shared):
    with (shared / "domain" / "tables" / "coal_methane_thresholds.csv").open(encoding="utf-8") as lines:
        given = [row for row in csv.DictReader(lines) if "abolished" not in row["place_en"]]
    found = [each for each in catalogue.templates() if each.group == "methane"]
    assert len(found) == len(given)
    for row, template in zip(given, found, strict=True):
        assert float(row["alarm_ge_pct_ch4"]) == template.rules[0].parameters["limit"]
        if row["cutoff_ge_pct_ch4"]:
            assert float(row["cutoff_ge_pct_ch4"]) == template.rules[1].parameters["limit"]
            assert float(row["restore_lt_pct_ch4"]) == template.rules[1].parameters["restore"]
        assert template.status != "verified"
        assert (template.status == "unverified") == (row["status"] != "verified"), row["place_zh"]


def test_gas_figures_are_those_of_the_reference_table(shared):
    with (shared / "domain" / "tables" / "toxic_gas_alarm.csv").open(encoding="utf-8") as lines:
        given = {row["formula"].lower(): row for row in csv.DictReader(lines)}
    found = {each.code.removeprefix("gas_"): each for each in catalogue.templates() if each.group == "gas"}
    shared_codes = found.keys() & given.keys()
    assert len(shared_codes) >= 20
    for code in shared_codes:
        first, second = found[code].rules
        assert [first.parameters["limit"], second.parameters["limit"]] == [
            float(given[code]["alarm1_mg_m3"]),
            float(given[code]["alarm2_mg_m3"]),
        ]
    lack = found["oxygen_lack"].rules
    assert [(part.parameters["word"], part.parameters["limit"]) for part in lack] == [("L", 19.5)]


def test_every_kind_of_rule_a_person_writes_has_its_words_and_its_parameters_are_all_asked_for():
    assert set(wording.ASKS) == set(rules.KINDS)
    for kind in set(rules.KINDS) - rules.LEARNT:
        asked = {ask.name for ask in wording.ASKS[kind]} | {name for name, _label, _asks in wording.ROWS.get(kind, ())}
        assert asked | {"hours"} >= set(criteria.BY_KIND[kind].__struct_fields__), kind
