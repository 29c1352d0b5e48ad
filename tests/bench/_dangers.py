"""One million invented hidden dangers of the synthetic enterprises, made by the database itself, and kept between runs.

Nine in ten are closed, as in a register of years; of the open ones one in seven is overdue. Every column that has no default is filled.
"""

from __future__ import annotations

import time

TITLES = (
    "配电箱门未关闭", "灭火器压力不足", "可燃气体探测器故障未修复", "动火作业未办理审批", "安全阀未按期校验", "疏散通道堆放物料", "防爆电气接线口未封堵",
    "除尘系统未设置锁气卸灰装置", "液氨储罐区围堰破损", "紧急切断阀被旁路", "有限空间未设警示标志", "主通风机备用电机不能启动", "罐区视频监控离线",
    "压力容器超期使用", "高处作业平台护栏缺失", "职业危害告知卡缺失",
)  # fmt: skip
SECTORS = ("hazchem", "gongmao", "gongmao", "gongmao", "coal", "noncoal", "fireworks", "other")

_FILL = """
INSERT INTO dangers_danger ({columns})
SELECT {values}
FROM (
  SELECT n, e.id AS enterprise_id, e.place_code, e.longitude, e.latitude, e.classification AS class,
         random() AS chance, random() AS second, random() AS third,
         now() - make_interval(hours => (random() * 40000)::int) AS found,
         now() - make_interval(hours => (random() * 1500)::int) AS recent
  FROM generate_series(1, {total}) AS n
  JOIN (SELECT row_number() OVER (ORDER BY id) AS at, * FROM enterprises_enterprise) AS e ON e.at = 1 + (n * 7919::bigint) % {enterprises}
) AS made
JOIN (VALUES {titles}) AS told (at, title, search_text, search_tokens) ON told.at = made.n % {count}
"""
_OPEN = "made.chance < 0.10"
_ORDERED = "made.chance < 0.07"
_OVERDUE = "(made.chance < 0.07 AND made.second < 0.2)"
_GRADE = "CASE WHEN made.chance >= 0.09 AND made.chance < 0.10 THEN '' WHEN made.third < 0.06 THEN 'major' ELSE 'general' END"
_AT = "CASE WHEN made.chance < 0.10 THEN made.recent ELSE made.found END"
_WHEN = {
    "deadline": f"CASE WHEN {_OVERDUE} THEN now() - made.third * interval '30 days' WHEN {_ORDERED} THEN now() + made.third * interval '30 days' "
    f"WHEN NOT {_OPEN} THEN made.found + interval '15 days' END",
    "closed_at": f"CASE WHEN NOT {_OPEN} THEN made.found + interval '12 days' END",
}
COLUMNS: dict[str, str] = {
    "id": "gen_random_uuid()",
    "place_code": "made.place_code",
    "classification": "made.class",
    "created_at": _AT,
    "updated_at": _AT,
    "version": "1",
    "state": f"CASE WHEN NOT {_OPEN} THEN 'closed' WHEN {_ORDERED} AND made.third < 0.5 THEN 'ordered' WHEN {_ORDERED} THEN 'rectifying' "
    "WHEN made.chance < 0.09 THEN 'graded' ELSE 'found' END",
    "opened_at": _AT,
    "exercise": "false",
    "search_text": "told.search_text",
    "search_tokens": "told.search_tokens::tsvector",
    "enterprise_id": "made.enterprise_id",
    "title": "told.title",
    "location": "(1 + made.n % 9) || '号车间'",
    "location_key": "(1 + made.n % 9) || '号车间'",
    "longitude": "made.longitude",
    "latitude": "made.latitude",
    "open_longitude": f"CASE WHEN {_OPEN} THEN made.longitude END",
    "open_latitude": f"CASE WHEN {_OPEN} THEN made.latitude END",
    "sector": "(ARRAY[" + ", ".join(f"'{each}'" for each in SECTORS) + f"])[1 + made.n % {len(SECTORS)}]",
    "source": "CASE WHEN made.third < 0.7 THEN 'self_check' ELSE 'inspection' END",
    "found_at": _AT,
    "found_by_id": "'00000000-0000-0000-0000-000000000001'",
    "found_by_name": "'合成'",
    "found_by_bureau": "made.third >= 0.7",
    "grade": _GRADE,
    "overdue": _OVERDUE,
    "was_overdue": _OVERDUE,
    "repeated": "made.second < 0.05",
    "listed_level": f"CASE WHEN {_OVERDUE} AND made.third < 0.06 AND made.n % 3 = 0 THEN 3 END",
    "next_step_at": f"CASE WHEN {_ORDERED} THEN now() + made.third * interval '30 days' END",
    **_WHEN,
}


def fill(total: int, enterprises: int) -> float:
    """Fill the table of dangers with ``total`` rows over ``enterprises`` enterprises; returns the seconds it took."""
    from django.db import connection

    from anlan.desk.search import SearchFields
    from anlan.desk.search.tokens import lexemes, searchable_text
    from anlan.prevent.dangers.models import Danger

    began = time.perf_counter()
    columns = dict(COLUMNS)
    for field in Danger._meta.concrete_fields:
        if field.column not in columns and not field.null:
            columns[field.column] = "'{}'" if field.get_internal_type() == "JSONField" else _plain(field)
    titles = []
    for number, title in enumerate(TITLES):
        fields = SearchFields(names=(title,), texts=("1号车间",))
        tokens = " ".join(f"'{lexeme}'" for lexeme in lexemes(fields)).replace("'", "''")
        titles.append(f"({number}, '{title}', '{searchable_text(fields)}', '{tokens}')")
    with connection.cursor() as db:
        db.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'dangers_danger' AND indexname NOT IN "
                   "(SELECT conname FROM pg_constraint WHERE conrelid = 'dangers_danger'::regclass)")  # fmt: skip
        definitions = [row[0] for row in db.fetchall()]
        for definition in definitions:
            db.execute(f"DROP INDEX {definition.split(' INDEX ')[1].split(' ON ')[0]}")
        db.execute("TRUNCATE dangers_danger CASCADE")
        statement = _FILL.format(
            columns=", ".join(f'"{name}"' for name in columns),
            values=", ".join(columns.values()),
            total=total,
            enterprises=enterprises,
            titles=", ".join(titles),
            count=len(TITLES),
        )
        db.execute(statement)
        db.execute("SET maintenance_work_mem = '1GB'")
        for definition in definitions:
            db.execute(definition)
        db.execute("VACUUM ANALYZE dangers_danger")
    return time.perf_counter() - began


def _plain(field: object) -> str:
    kind = field.get_internal_type()  # type: ignore[attr-defined]
    if kind == "BooleanField":
        return "false"
    return "0" if "Integer" in kind else "''"
