"""Search tokens: whatever a person may type of a name, its pinyin or its code leads to the record."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from anlan.desk.search.syllables import SYLLABLES
from anlan.desk.search.tokens import SearchFields, fold, lexemes, pinyin_key, query, searchable_text, syllables

NAMES = st.text(st.sampled_from("济南华鲁化工有限公司泉城燃气厂长重庆西安A3b9-（）·　 "), min_size=1, max_size=24)


def found(fields: SearchFields, text: str) -> bool:
    """What PostgreSQL answers: the lexemes narrow, the text decides."""
    asked = query(text)
    if asked is None:
        return False
    have = lexemes(fields)

    def holds(expression: str) -> bool:
        def one(match: re.Match[str]) -> str:
            lexeme, prefix = match.group(1), match.group(2)
            return str(any(known.startswith(lexeme) if prefix else known == lexeme for known in have))

        logic = re.sub(r"'([^']*)'(:\*)?", one, expression).replace("&", " and ").replace("|", " or ")
        return bool(eval(logic))

    return holds(asked.lexemes) and all(word in searchable_text(fields) for word in asked.words)


@given(NAMES, st.data())
def test_every_piece_of_a_chinese_run_finds_its_name(name: str, data: st.DataObject) -> None:
    runs = re.findall(r"[\u4e00-\u9fff]+", fold(name))
    if not runs:
        return
    run = data.draw(st.sampled_from(runs))
    begin = data.draw(st.integers(0, len(run) - 1))
    end = data.draw(st.integers(begin + 1, len(run)))
    assert found(SearchFields(names=(name,)), run[begin:end])


@given(st.text(st.sampled_from("济南华鲁化工有限公司泉城燃气厂长重庆安"), min_size=1, max_size=14), st.data())
def test_pinyin_from_any_character_on_finds_the_name(name: str, data: st.DataObject) -> None:
    parts = syllables(name)
    begin = data.draw(st.integers(0, len(parts) - 1))
    end = data.draw(st.integers(begin + 1, len(parts)))
    fields = SearchFields(names=(name,))
    assert found(fields, "".join(parts[begin:end]))
    initials = "".join(part[0] for part in parts[begin:end])
    if len(initials) > 1 or begin == 0:
        assert found(fields, initials)


@given(st.from_regex(r"[0-9A-Z]{6,18}", fullmatch=True), st.integers(1, 18))
def test_the_beginning_of_a_code_finds_it(code: str, length: int) -> None:
    assert found(SearchFields(codes=(code,)), code[:length].lower())


@given(st.text(max_size=200))
def test_any_text_makes_a_query_or_none(text: str) -> None:
    asked = query(text)
    if asked is not None:
        assert asked.words
        assert asked.lexemes.count("(") == asked.lexemes.count(")")
        assert "''" not in asked.lexemes


def test_the_table_of_syllables_is_the_dictionarys() -> None:
    spoken = lazy_pinyin([chr(code) for code in range(0x4E00, 0x9FA6)])
    assert {part for part in spoken if part.isascii() and part.isalpha()} == SYLLABLES


def test_characters_that_stand_apart_do_not_match_together() -> None:
    assert not found(SearchFields(names=("化学工业",)), "化工")
    assert not found(SearchFields(names=("华鲁化工",)), "鲁工")


def test_full_width_forms_and_brackets_make_no_difference() -> None:
    fields = SearchFields(names=("济南（华鲁）化工ＡＢＣ",))
    assert found(fields, "abc")
    assert found(fields, "(华鲁)")


def test_names_sort_by_pinyin() -> None:
    assert pinyin_key("安丘化工") < pinyin_key("重庆化工") < pinyin_key("济南化工")
