"""Ready-made words of warnings."""

from datetime import date

import pytest

from anlan.warn.bulletins import rules, templating

DAY = date(2026, 11, 26)
FACTS = dict.fromkeys(templating.BLANKS, "某")


def test_every_kind_of_event_and_level_has_words_in_both_languages_with_known_blanks_alone():
    for kind in rules.event_types():
        if kind.issuer != "government":
            continue
        for level in rules.levels():
            for language in ("zh", "en"):
                chosen = templating.template(kind.code, level.code, language, DAY)
                assert chosen is not None, (kind.code, level.code, language)
                words = templating.fill(chosen, FACTS)
                assert words.missing == ()
                templating.check_filled({"all": words.headline + words.description + words.instruction})


def test_a_blank_that_nobody_can_fill_stays_visible_and_is_refused():
    chosen = templating.template("12D00", "red", "zh", DAY)
    words = templating.fill(chosen, FACTS | {"subject": " "})
    assert words.missing == ("subject",)
    with pytest.raises(templating.BlanksLeft) as refused:
        templating.check_filled({"description": words.description})
    assert refused.value.facts["names"] == "事发单位或地点"


def test_the_words_of_a_hazard_are_preferred_to_those_of_any():
    assert "化学品" in templating.template("12D00", "red", "zh", DAY).description
    assert templating.template("12C00", "red", "zh", DAY).event == ""
