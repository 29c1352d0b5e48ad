"""Tables of public opinion: posts as they came, topics they were put into, who arranged, judged and linked what. Guesses are kept with their words."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import SearchableRecord, SearchFields, list_index, search_index, sort_indexes
from anlan.kernel.ids import new_id
from anlan.ledger.records import Record
from anlan.sense.opinion import rules

CONFIDENCES = [("", _("未推测")), *((code, _(label)) for code, label in rules.CONFIDENCES.items())]
STANCES = [("", _("未提到事件")), *((code, _(label)) for code, label in rules.STANCES.items())]
VERDICTS = [("", _("未核查")), *((code, _(label)) for code, label in rules.VERDICTS.items())]


class Topic(SearchableRecord, Record):
    """An event as people write of it (舆情事件): the posts that were put together, and what they seem to say.

    ``place_code``: where it is guessed to be, or the bureau that brought the first post in where no place is told (``place_confidence`` is empty then).
    ``casualties``: by class ``{"low", "high", "posts"}`` over all posts that tell of it as happening. ``settled``: what a person confirmed or put
    right, ``{field: {"by", "at"}}``; no rule changes that again. ``told``: the figures of which those on duty were told last.
    """

    title = models.CharField(_("事件"), max_length=120)
    kind = models.CharField(_("类别"), max_length=32)
    kind_confidence = models.CharField(_("类别推测"), max_length=6, blank=True, default="", choices=CONFIDENCES)
    place_confidence = models.CharField(_("地点推测"), max_length=6, blank=True, default="", choices=CONFIDENCES)
    spot = models.CharField(_("具体地点"), max_length=60, blank=True, default="")
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", verbose_name=_("提到的企业"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    enterprise_id: UUID | None
    enterprise_confidence = models.CharField(_("企业推测"), max_length=6, blank=True, default="", choices=CONFIDENCES)
    casualties = models.JSONField(_("伤亡说法"), default=dict, blank=True)
    happened_from = models.DateTimeField(_("所说时间起"), null=True, blank=True)
    happened_until = models.DateTimeField(_("所说时间止"), null=True, blank=True)
    first_at = models.DateTimeField(_("最早发布"))
    last_at = models.DateTimeField(_("最近发布"))
    posts_count = models.PositiveIntegerField(_("帖文数"), default=0)
    sources_count = models.PositiveIntegerField(_("来源数"), default=0)
    denials_count = models.PositiveIntegerField(_("否认的帖文"), default=0)
    forwards = models.PositiveIntegerField(_("转发数"), default=0)
    heat = models.PositiveIntegerField(_("热度"), default=0)
    exercise = models.BooleanField(_("演练"), default=False)
    verdict = models.CharField(_("核查结论"), max_length=10, blank=True, default="", choices=VERDICTS)
    verdict_at = models.DateTimeField(_("核查时间"), null=True, blank=True)
    verdict_by_name = models.CharField(_("核查人"), max_length=100, blank=True, default="")
    verdict_grounds = models.TextField(_("依据"), blank=True, default="")
    links_count = models.PositiveIntegerField(_("已关联"), default=0)
    settled = models.JSONField(default=dict, blank=True, editable=False)
    told = models.JSONField(default=dict, blank=True, editable=False)
    hints = models.PositiveIntegerField(_("提示次数"), default=0)
    merged_into = models.ForeignKey("self", verbose_name=_("并入"), on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    merged_into_id: UUID | None

    class Meta:
        verbose_name = _("舆情事件")
        verbose_name_plural = _("舆情事件")
        ordering = ["-last_at", "-id"]
        indexes = [
            list_index("optopic", "last_at", "first_at", "heat", "posts_count", "forwards", "kind", "verdict", "links_count", "exercise"),
            *sort_indexes("optopic", "last_at", "heat", "verdict_at"),
            search_index(),
        ]

    def __str__(self) -> str:
        return self.title

    def search_fields(self) -> SearchFields:
        """Found by its title and the street or park that is named."""
        return SearchFields(names=(self.title,), texts=(self.spot,))


class Rumour(Topic):
    """A topic of which a person has said what is true: what the list of rumours shows."""

    class Meta:
        proxy = True
        verbose_name = _("传言核查")
        verbose_name_plural = _("传言核查")


class Post(Record):
    """One post or piece of news, as it came. ``digest``: by what the same post is known again; it stays when the rest was erased.

    ``reading``: every guess with its words, rule and confidence (:mod:`.extraction.reading`). ``told``: casualties by class, ``[low, high]``.
    ``place_code``: the best guess, or the bureau that brought it in. ``placed``: why it stands in its topic, ``[{"code", "facts"}]``.
    """

    personal_columns: ClassVar[frozenset[str]] = frozenset({"title", "text", "account", "url", "source_id", "media", "reading"})

    platform = models.CharField(_("平台"), max_length=40)
    source_id = models.CharField(_("平台编号"), max_length=120, blank=True, default="")
    url = models.CharField(_("原文地址"), max_length=1000, blank=True, default="")
    account = models.CharField(_("账号"), max_length=100, blank=True, default="")
    author_type = models.CharField(
        _("账号类型"), max_length=10, default="unknown", choices=[(code, _(label)) for code, label in rules.AUTHOR_TYPES.items()]
    )
    source_place = models.CharField(_("发布者所在地"), max_length=9, blank=True, default="")
    published_at = models.DateTimeField(_("发布时间"))
    fetched_at = models.DateTimeField(_("采集时间"))
    title = models.CharField(_("标题"), max_length=200, blank=True, default="")
    text = models.TextField(_("正文"), blank=True, default="")
    forwards = models.PositiveIntegerField(_("转发数"), null=True, blank=True)
    likes = models.PositiveIntegerField(_("点赞数"), null=True, blank=True)
    comments = models.PositiveIntegerField(_("评论数"), null=True, blank=True)
    media = models.JSONField(_("媒体地址"), default=list, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    via = models.CharField(_("来路"), max_length=60, blank=True, default="")
    brought_by = models.CharField(_("导入人"), max_length=100, blank=True, default="")

    reading = models.JSONField(default=dict, blank=True, editable=False)
    kind = models.CharField(_("类别"), max_length=32, blank=True, default="")
    stance = models.CharField(_("说法"), max_length=10, blank=True, default="", choices=STANCES)
    kind_confidence = models.CharField(_("类别推测"), max_length=6, blank=True, default="", choices=CONFIDENCES)
    place_confidence = models.CharField(_("地点推测"), max_length=6, blank=True, default="", choices=CONFIDENCES)
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", verbose_name=_("提到的企业"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    enterprise_id: UUID | None
    told = models.JSONField(default=dict, blank=True, editable=False)
    happened_from = models.DateTimeField(null=True, blank=True, editable=False)
    happened_until = models.DateTimeField(null=True, blank=True, editable=False)
    signature = models.BinaryField(blank=True, default=bytes, editable=False)

    topic = models.ForeignKey(Topic, verbose_name=_("舆情事件"), on_delete=models.PROTECT, related_name="posts", null=True, blank=True)
    topic_id: UUID | None
    by_person = models.BooleanField(_("由人归入"), default=False)
    placed = models.JSONField(default=list, blank=True, editable=False)
    erased_at = models.DateTimeField(_("内容删除时间"), null=True, blank=True)
    erased_why = models.CharField(_("删除原因"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("帖文")
        verbose_name_plural = _("帖文")
        ordering = ["-published_at", "-id"]
        indexes = [
            list_index("oppost", "published_at", "platform", "kind", "stance", "topic_id", "author_type"),
            *sort_indexes("oppost", "published_at"),
            models.Index(fields=["topic", "-published_at"], name="opinion_post_topic"),
            models.Index(fields=["published_at"], name="opinion_post_kept", condition=Q(erased_at=None)),
        ]

    def __str__(self) -> str:
        return self.title or self.text[:40]


class Verdict(models.Model):
    """What a person found out about a topic. Never changed; the newest holds. A trigger refuses UPDATE and DELETE."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="verdicts")
    topic_id: UUID
    verdict = models.CharField(_("核查结论"), max_length=10, choices=VERDICTS[1:])
    grounds = models.TextField(_("依据"))
    evidence = models.TextField(_("证据"), blank=True, default="")
    reply = models.TextField(_("官方回应"), blank=True, default="")
    correction_url = models.CharField(_("辟谣或通报地址"), max_length=1000, blank=True, default="")
    by_id = models.UUIDField()
    by_name = models.CharField(_("核查人"), max_length=100)
    at = models.DateTimeField(_("核查时间"))

    class Meta:
        verbose_name = _("核查结论")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.topic_id} {self.verdict}"


class TopicLink(models.Model):
    """A filing or incident that a person said a topic is about, or said it is not (``state``)."""

    LINKED, REJECTED = "linked", "rejected"
    STATES: ClassVar = {LINKED: _("已关联"), REJECTED: _("不是同一件事")}

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="links")
    topic_id: UUID
    kind = models.CharField(max_length=12)
    subject_id = models.UUIDField(db_index=True)
    title = models.CharField(max_length=120)
    url = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=10, choices=list(STATES.items()))
    by_name = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("舆情关联")
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["topic", "kind", "subject_id"], name="opinion_link_once")]

    def __str__(self) -> str:
        return f"{self.topic_id} {self.kind} {self.title}"


class Arrangement(models.Model):
    """Posts moved by a person: ``moves`` is ``[{"post", "from", "to"}]`` (ids as text, ``from`` may be null). Undone once, as long as nobody moved them since."""

    MOVE, SPLIT, MERGE = "move", "split", "merge"
    KINDS: ClassVar = {MOVE: _("移动帖文"), SPLIT: _("拆分事件"), MERGE: _("合并事件")}

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=list(KINDS.items()))
    source = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="given", null=True)
    source_id: UUID | None
    target = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="taken")
    target_id: UUID
    moves = models.JSONField(default=list)
    reason = models.CharField(max_length=200, blank=True, default="")
    by_name = models.CharField(max_length=100)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("舆情归并")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.target_id}"
