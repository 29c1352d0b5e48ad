"""What the desk lists of public opinion: topics, rumours, posts; and what pages of rooms above show of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Equals, Flag, PlaceFilter, Resource, Sheet, SheetColumn, register
from anlan.desk.resource.declare import Mark, Tone
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger.scope import visible
from anlan.ledger.sources import law_day
from anlan.sense.opinion import guessing, importing, presenting, queries, rules
from anlan.sense.opinion.models import VERDICTS, Post, Rumour, Topic

VERDICT_BADGE = Badge(cast("dict[Any, Tone]", rules.VERDICT_TONES))


def _kinds() -> list[tuple[str, str]]:
    return [(code, queries.kind_name(code)) for code in rules.kinds()]


def _kind(row: Topic | Post) -> str:
    return queries.kind_name(row.kind)


def _casualties(row: Topic) -> str:
    told = (
        f"{gettext(rules.CASUALTIES[code])} {guessing.spread(each)}" for code, each in row.casualties.items() if code in rules.CASUALTIES
    )
    return "，".join(told)


def _enterprise(row: Topic) -> str:
    return row.enterprise.name if row.enterprise is not None else ""


def _marks(rows: Sequence[Topic], actor: Actor) -> Mapping[Any, Mark]:
    """Hot topics, and those that no person has looked at."""
    hot = rules.parameter("hot_from", law_day(clock.now()))
    found: dict[Any, Mark] = {}
    for row in rows:
        if row.exercise:
            found[row.pk] = Mark(_("演练"))
        elif row.heat >= hot:
            found[row.pk] = Mark(_("快速升温"), "orange")
        elif not row.verdict and not row.links_count:
            found[row.pk] = Mark(_("推测"))
    return found


_TOPIC_COLUMNS = (
    Column("title", link=True),
    Column("verdict", badge=VERDICT_BADGE),
    Column("kind", label=_("类别（推测）"), value=_kind),
    Column("casualties", label=_("伤亡说法"), value=_casualties),
    Column("posts_count", numeric=True),
    Column("sources_count", numeric=True),
    Column("heat", numeric=True, sort=True),
    Column("last_at", sort=True),
    Column("first_at", hidden=True),
    Column("forwards", numeric=True, hidden=True),
    Column("denials_count", numeric=True, hidden=True),
    Column("enterprise", label=_("提到的企业"), value=_enterprise, hidden=True),
    Column("links_count", numeric=True),
    Column("exercise", hidden=True),
    Column("place_code", label=_("地点（推测）"), place=True),
)
_TOPIC_FILTERS = (
    Choice("verdict"),
    Choice("kind", choices=_kinds),
    PlaceFilter(label=_("地点")),
    DateRange("last_at"),
    Flag("exercise"),
    Equals("enterprise", label=_("企业"), field="enterprise_id"),
)

TOPICS = register(
    Resource(
        code="opinion-topics",
        label=_("舆情事件"),
        model=Topic,
        title="title",
        actions=Actions(view="opinion.view", export="opinion.view"),
        columns=_TOPIC_COLUMNS,
        filters=_TOPIC_FILTERS,
        order="-last_at",
        search=True,
        joins=("enterprise",),
        navigation="warning",
        detail_url="opinion:topic",
        visible_to=queries.topics,
        empty=_("还没有舆情事件。导入帖文后，说到同一件事的帖文会归到一起。"),
        live=("opinion.topic",),
        marks=_marks,
    )
)


RUMOURS = register(
    Resource(
        code="opinion-rumours",
        label=_("传言核查"),
        model=Rumour,
        title="title",
        actions=Actions(view="opinion.view", export="opinion.view"),
        columns=(
            Column("title", link=True),
            Column("verdict", badge=VERDICT_BADGE),
            Column("verdict_at", sort=True),
            Column("verdict_by_name"),
            Column("verdict_grounds"),
            Column("posts_count", numeric=True),
            Column("kind", label=_("类别（推测）"), value=_kind, hidden=True),
            Column("place_code", label=_("地点（推测）"), place=True),
        ),
        filters=(
            Choice("verdict", choices=VERDICTS[1:]),
            Choice("kind", choices=_kinds),
            PlaceFilter(label=_("地点")),
            DateRange("verdict_at"),
        ),
        order="-verdict_at",
        search=True,
        navigation="warning",
        detail_url="opinion:topic",
        visible_to=lambda actor: visible(
            Rumour.objects.filter(merged_into=None).exclude(verdict=""), actor, "opinion.view", enterprise=None
        ),
        empty=_("还没有核查过的传言。在舆情事件页面由人员作出核查结论后列在这里；系统不会自动判定真假。"),
        live=("opinion.topic",),
    )
)

POSTS = register(
    Resource(
        code="opinion-posts",
        label=_("帖文"),
        model=Post,
        title="title",
        actions=Actions(view="opinion.view", import_="opinion.import", export="opinion.view"),
        columns=(
            Column("published_at", link=True, sort=True),
            Column("text", label=_("内容"), value=presenting.excerpt),
            Column("platform"),
            Column("kind", label=_("类别（推测）"), value=_kind),
            Column("stance", label=_("说法（推测）")),
            Column("author_type"),
            Column("forwards", numeric=True),
            Column("likes", numeric=True, hidden=True),
            Column("comments", numeric=True, hidden=True),
            Column("topic.title", label=_("舆情事件")),
            Column("by_person", hidden=True),
            Column("via", value=lambda row: gettext(row.via), hidden=True),
            Column("place_code", label=_("地点（推测）"), place=True),
        ),
        filters=(
            Choice("kind", choices=_kinds),
            Choice("stance"),
            Choice("author_type"),
            PlaceFilter(label=_("地点")),
            DateRange("published_at"),
            Equals("topic", label=_("舆情事件"), field="topic_id"),
        ),
        order="-published_at",
        joins=("topic",),
        navigation="warning",
        detail_url="opinion:post",
        visible_to=queries.posts,
        empty=_("还没有帖文。可从表格或 JSON Lines 文件导入，或由采集系统经接口送入。"),
        sheet=Sheet(
            columns=(
                SheetColumn("platform", _("平台"), required=True, example="微博"),
                SheetColumn("published_at", _("发布时间"), required=True, example="2026-11-26 09:30"),
                SheetColumn("title", _("标题"), example="章丘一化工厂有刺鼻气味"),
                SheetColumn("text", _("正文"), example="今天上午章丘区一家化工厂附近有刺鼻气味，有没有人知道怎么回事？"),
                SheetColumn("account", _("账号"), example="明水街坊"),
                SheetColumn("author_type", _("账号类型"), example="个人", help=_("政务账号、新闻媒体、企业、个人、不详。")),
                SheetColumn("source_place", _("发布者所在地"), example="370114", help=_("行政区划代码，不知道则留空。")),
                SheetColumn("source_id", _("平台编号"), example="W5083", help=_("同一平台编号只计一次；没有编号时按内容判断。")),
                SheetColumn("url", _("原文地址"), example="https://example.com/5083", help=_("只保存，不访问。")),
                SheetColumn("fetched_at", _("采集时间"), example="2026-11-26 09:40"),
                SheetColumn("forwards", _("转发数"), example="12"),
                SheetColumn("likes", _("点赞数"), example="30"),
                SheetColumn("comments", _("评论数"), example="8"),
                SheetColumn("media", _("媒体地址"), help=_("多个地址以空格分开。")),
            ),
            write=importing.write,
            resolve=importing.resolve,
            limit=50_000,
        ),
    )
)


def _linked(kind: str) -> Any:
    def provide(subject: Any, request: Any) -> dict[str, Any] | None:
        rows = list(queries.linked(kind, subject.pk, request.actor)[:10])
        return {"rows": [(row, guessing.summary(row), rules.VERDICT_TONES.get(row.verdict, "grey")) for row in rows]} if rows else None

    return provide


for _page, _code in (("filings.detail", "filing"), ("incidents.detail", "incident")):
    panels.register(
        _page, "opinion", label=_("网上舆情"), order=70, template="opinion/_linked.html", provider=_linked(_code), action="opinion.view"
    )
