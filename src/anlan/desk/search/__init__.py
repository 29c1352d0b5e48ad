"""Full-text search that works for Chinese from the first character on: tokens, the record mixin, matching and the search page."""

from anlan.desk.search.records import PinyinKeyField, SearchableRecord, list_index, place_index, search_index, sort_indexes
from anlan.desk.search.tokens import SearchFields, pinyin_key

__all__ = [
    "PinyinKeyField",
    "SearchFields",
    "SearchableRecord",
    "list_index",
    "pinyin_key",
    "place_index",
    "search_index",
    "sort_indexes",
]
