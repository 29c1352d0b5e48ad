"""Tables of the enterprise file (一企一档): the enterprise, its sites and the people to call."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import PinyinKeyField, SearchableRecord, SearchFields, list_index, place_index, search_index, sort_indexes
from anlan.ground.enterprises import certificates, mergerules, onboarding, rules
from anlan.kernel.flow import Flow
from anlan.ledger.records import Case, Record

FILTERED = ("industry_division", "sector_code", "scale", "state")
"""Columns that the list is filtered by; each has an index that also gives the order by name."""


class LiveEnterprises(models.Manager["Enterprise"]):
    """Files that were not merged into another one: what lists, counts, maps and searches know."""

    def get_queryset(self) -> models.QuerySet[Enterprise]:
        """Without the merged ones; the column stands in the list's own index."""
        return super().get_queryset().exclude(state=rules.MERGED)


class Enterprise(SearchableRecord, Record):
    """One legal unit, keyed by its unified social credit code (GB 32100); ``place_code`` is the county (or township) answerable for it."""

    uscc = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    name = models.CharField(_("企业名称"), max_length=120)
    name_key = PinyinKeyField("name")
    short_name = models.CharField(_("简称"), max_length=40, blank=True, default="")
    # [{"name": str, "until": "YYYY-MM-DD"}], newest first; written by services.change_enterprise when the name changes.
    former_names = models.JSONField(_("曾用名"), default=list, blank=True)
    legal_representative = models.CharField(_("法定代表人"), max_length=60, blank=True, default="")
    industry_code = models.CharField(_("行业代码"), max_length=5, blank=True, default="")
    # Section and division of industry_code (C26), by which lists are filtered.
    industry_division = models.CharField(_("行业大类"), max_length=3, blank=True, default="", editable=False)
    sector_code = models.CharField(_("行业领域"), max_length=16, blank=True, default="")
    scale = models.CharField(
        _("企业规模"), max_length=8, blank=True, default="", choices=[(code, _(label)) for code, label in rules.SCALES.items()]
    )
    state = models.CharField(
        _("经营状态"), max_length=16, default=rules.OPERATING, choices=[(code, _(label)) for code, label in rules.STATES.items()]
    )
    registered_address = models.CharField(_("注册地址"), max_length=200, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    staff_count = models.PositiveIntegerField(_("从业人数"), null=True, blank=True)
    founded_on = models.DateField(_("成立日期"), null=True, blank=True)
    business_scope = models.TextField(_("经营范围"), blank=True, default="")
    supervisor = models.ForeignKey(
        "organisations.Organisation",
        verbose_name=_("监管部门"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    supervisor_id: UUID | None
    source = models.CharField(
        _("数据来源"), max_length=16, default=rules.SOURCE_BUREAU, choices=[(code, _(label)) for code, label in rules.SOURCES.items()]
    )
    source_note = models.CharField(_("来源说明"), max_length=120, blank=True, default="")
    # Kept by risksources through the door, so that a list of a million enterprises filters on them without a join: whether the
    # enterprise has a major hazard source, and the highest level of them (1 = 一级 … 4 = 四级; empty = none or not graded).
    has_major_hazard = models.BooleanField(_("有重大危险源"), default=False, editable=False)
    major_level = models.PositiveSmallIntegerField(
        _("重大危险源等级"),
        null=True,
        blank=True,
        editable=False,
        choices=[(level, _(label)) for level, label in rules.MAJOR_LEVELS.items()],
    )
    # When the enterprise or its bureau last said that the file is right, and until when it is to be said again.
    confirmed_at = models.DateTimeField(_("上次确认时间"), null=True, blank=True, editable=False)
    confirm_due_on = models.DateField(_("应确认日期"), null=True, blank=True, editable=False)
    # Codes under which it was registered by mistake, and those of files merged into it: [{"uscc": str, "until": "YYYY-MM-DD"}].
    former_codes = models.JSONField(_("曾用代码"), default=list, blank=True, editable=False)
    # The file that took this one over; set together with the state "merged", and never past a second one.
    merged_into = models.ForeignKey(
        "self", verbose_name=_("并入的企业"), on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    merged_into_id: UUID | None
    merged_at = models.DateTimeField(_("合并时间"), null=True, blank=True, editable=False)

    objects: ClassVar[models.Manager[Enterprise]] = LiveEnterprises()
    every: ClassVar[models.Manager[Enterprise]] = models.Manager()
    """With the merged ones."""

    class Meta:
        verbose_name = _("企业")
        verbose_name_plural = _("企业")
        ordering = ["name_key", "id"]
        indexes = [
            search_index(),
            list_index("ent", "name_key", "uscc", "updated_at", *FILTERED, "has_major_hazard", "major_level"),
            *sort_indexes("ent", "name_key", "uscc", "updated_at"),
            *(models.Index(fields=[column, "name_key", "id"], name=f"ent_{column}_f"[:30]) for column in FILTERED),
            models.Index(fields=["major_level", "name_key", "id"], name="ent_level_f", condition=models.Q(major_level__isnull=False)),
            models.Index(fields=["name_key", "id"], name="ent_major_f", condition=models.Q(has_major_hazard=True)),
            models.Index(fields=["longitude", "latitude"], name="ent_point"),
            models.Index(fields=["confirm_due_on", "name_key", "id"], name="ent_confirm_f"),
        ]

    def search_fields(self) -> SearchFields:
        """Found by its names (also former ones) and their pinyin, by code, address and legal representative."""
        former = tuple(str(entry["name"]) for entry in self.former_names)
        return SearchFields(
            names=(self.name, self.short_name, *former),
            texts=(self.registered_address, self.legal_representative),
            codes=(self.uscc, *(str(entry["uscc"]) for entry in self.former_codes)),
        )

    def __str__(self) -> str:
        return self.name


class Site(Record):
    """A plant area (厂区) of an enterprise; one enterprise may have several, in several counties."""

    enterprise = models.ForeignKey(Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(_("厂区名称"), max_length=120)
    address = models.CharField(_("地址"), max_length=200, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    # GeoJSON Polygon, WGS-84 / CGCS2000 degrees; checked with shapely in services.
    boundary = models.JSONField(_("厂界"), null=True, blank=True)
    is_main = models.BooleanField(_("主厂区"), default=False)
    in_use = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("厂区")
        verbose_name_plural = _("厂区")
        ordering = ["-is_main", "name"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "name"], name="enterprises_site_name_once")]
        indexes = [place_index("ent_site")]

    def __str__(self) -> str:
        return self.name


class EnterpriseContact(Record):
    """A person of the enterprise whom the bureau may call; the telephone number is shown masked unless the post may see it."""

    enterprise = models.ForeignKey(Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="contacts")
    role = models.CharField(_("职责"), max_length=16, choices=[(code, _(label)) for code, label in rules.CONTACT_ROLES.items()])
    name = models.CharField(_("姓名"), max_length=60)
    phone = models.CharField(_("电话"), max_length=20)
    is_current = models.BooleanField(_("在任"), default=True)

    class Meta:
        verbose_name = _("企业联系人")
        verbose_name_plural = _("企业联系人")
        ordering = ["role", "name"]

    def __str__(self) -> str:
        return self.name


class Certificate(SearchableRecord, Record):
    """A licence of the enterprise (单位证照) or a certificate of one of its people (人员证书), with how long it holds."""

    enterprise = models.ForeignKey(Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="certificates")
    enterprise_id: UUID
    # Code of data/certificates.csv; whether the unit or a person holds it follows from it.
    kind = models.CharField(_("证照类别"), max_length=24)
    holder = models.CharField(
        _("持有者"), max_length=8, editable=False, choices=[(code, _(label)) for code, label in certificates.HOLDERS.items()]
    )
    person_name = models.CharField(_("姓名"), max_length=60, blank=True, default="")
    person_post = models.CharField(_("岗位或作业项目"), max_length=80, blank=True, default="")
    number = models.CharField(_("证书编号"), max_length=60)
    issuer = models.CharField(_("发证机关"), max_length=120, blank=True, default="")
    scope = models.CharField(_("许可范围"), max_length=200, blank=True, default="")
    issued_on = models.DateField(_("发证日期"), null=True, blank=True)
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    review_due = models.DateField(_("应复审日期"), null=True, blank=True)
    # The earlier of the two, and how it stands: kept at every save and by the sweep of the night, so that lists filter by an index.
    due_on = models.DateField(_("最近到期日"), null=True, blank=True, editable=False)
    standing = models.CharField(
        _("状态"),
        max_length=8,
        editable=False,
        default=certificates.VALID,
        choices=[(code, _(label)) for code, label in certificates.STANDINGS.items()],
    )
    in_use = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("证照")
        verbose_name_plural = _("证照")
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "kind", "number"], name="ent_certificate_once", condition=models.Q(in_use=True))
        ]
        indexes = [
            search_index(),
            list_index("ent_cert", "kind", "holder", "standing", "due_on", "in_use"),
            *sort_indexes("ent_cert", "due_on"),
            models.Index(fields=["standing", "due_on"], name="ent_cert_due", condition=models.Q(in_use=True)),
        ]

    def search_fields(self) -> SearchFields:
        """Found by holder; by number only where the unit holds it: the number of a person's certificate may be that of his identity card."""
        return SearchFields(
            names=(self.person_name or self.enterprise.name,),
            texts=(self.person_post, self.scope),
            codes=(self.number,) if self.holder == certificates.UNIT else (),
        )

    @property
    def shown_number(self) -> str:
        """The number as lists and exports show it."""
        return self.number if self.holder == certificates.UNIT else certificates.masked_number(self.number)

    def __str__(self) -> str:
        return f"{self.kind} {self.shown_number}"


class Invitation(Case):
    """An enterprise that a bureau invited to fill in its own file by a link, until the bureau accepts what it wrote."""

    flow: ClassVar[Flow] = onboarding.FLOW

    uscc = models.CharField(_("统一社会信用代码"), max_length=18)
    name = models.CharField(_("企业名称"), max_length=120)
    contact_name = models.CharField(_("联系人"), max_length=60)
    contact_phone = models.CharField(_("联系电话"), max_length=20)
    invited_by_name = models.CharField(_("邀请人"), max_length=100)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(_("链接有效期至"))
    # {"values": {field: text}, "contacts": {role: {"name", "phone"}}, "certificates": [{field: text}]}, as typed.
    draft: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    # {field: why} of the last return.
    reasons: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    enterprise = models.ForeignKey(Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    enterprise_id: UUID | None

    class Meta:
        verbose_name = _("企业入驻邀请")
        verbose_name_plural = _("企业入驻邀请")
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["uscc"], name="ent_invitation_once", condition=models.Q(state__in=onboarding.OPEN_STATES))
        ]
        indexes = [place_index("ent_invitation"), *sort_indexes("ent_inv", "opened_at")]

    def __str__(self) -> str:
        return self.name


class MatchKeys(models.Model):
    """Under which numbers an enterprise is found by those who may be the same (``duplicates.keys``), as of ``version`` of its file."""

    enterprise = models.OneToOneField(Enterprise, primary_key=True, on_delete=models.CASCADE, related_name="match_keys")
    enterprise_id: UUID
    keys: ArrayField[list[int], list[int]] = ArrayField(models.BigIntegerField())
    version = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("查重索引")
        indexes = [GinIndex(fields=["keys"], name="ent_match_keys", fastupdate=False)]


class DuplicateCandidate(Record):
    """Two files that may be of one enterprise, with why; ``first`` has the smaller id. A "not the same" is kept with its reason for good.

    ``place_code`` is the lowest place that holds both: whoever may merge there sees it. ``rank`` is the score while it is open, else 0.
    """

    first = models.ForeignKey(Enterprise, verbose_name=_("企业甲"), on_delete=models.CASCADE, related_name="+")
    first_id: UUID
    second = models.ForeignKey(Enterprise, verbose_name=_("企业乙"), on_delete=models.CASCADE, related_name="+")
    second_id: UUID
    title = models.CharField(_("企业"), max_length=260)
    score = models.PositiveSmallIntegerField(_("相似度"))
    rank = models.PositiveSmallIntegerField(editable=False)
    # [{"code", "points", "facts"}] of duplicates.Reason, what counts most first.
    reasons: models.JSONField[list[Any], list[Any]] = models.JSONField(_("依据"), default=list)
    state = models.CharField(
        _("状态"), max_length=12, default=mergerules.OPEN, choices=[(k, _(v)) for k, v in mergerules.CANDIDATE_STATES.items()]
    )
    decided_by_name = models.CharField(_("核对人"), max_length=100, blank=True, default="")
    decided_at = models.DateTimeField(_("核对时间"), null=True, blank=True)
    decision = models.CharField(_("核对说明"), max_length=300, blank=True, default="")

    class Meta:
        verbose_name = _("疑似重复企业")
        verbose_name_plural = _("疑似重复企业")
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="ent_candidate_once")]
        indexes = [list_index("ent_dup", "rank", "score", "state"), *sort_indexes("ent_dup", "rank")]

    def __str__(self) -> str:
        return self.title


class Merging(Case):
    """The merging of one file into another: proposed by one person, confirmed by another. What it moved is told by its rows."""

    flow: ClassVar[Flow] = mergerules.FLOW

    survivor = models.ForeignKey(Enterprise, verbose_name=_("保留的企业"), on_delete=models.PROTECT, related_name="+")
    survivor_id: UUID
    loser = models.ForeignKey(Enterprise, verbose_name=_("并入的企业"), on_delete=models.PROTECT, related_name="+")
    loser_id: UUID
    title = models.CharField(_("企业"), max_length=260)
    reason = models.CharField(_("合并理由"), max_length=500)
    proposed_by_id = models.UUIDField()
    proposed_by_name = models.CharField(_("提出人"), max_length=100)
    confirmed_by_name = models.CharField(_("确认人"), max_length=100, blank=True, default="")
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    # Names of the parts of the file whose value the loser gives.
    taken: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    # {field: [survivor before, loser, survivor after]} of what differed, written when it is done.
    values: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    # Versions of both files as the proposer saw them: [survivor, loser].
    seen: models.JSONField[list[int], list[int]] = models.JSONField(default=list)

    class Meta:
        verbose_name = _("企业合并")
        verbose_name_plural = _("企业合并")
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["survivor"], name="ent_merging_survivor_once", condition=models.Q(state=mergerules.PROPOSED)),
            models.UniqueConstraint(fields=["loser"], name="ent_merging_loser_once", condition=models.Q(state=mergerules.PROPOSED)),
        ]
        indexes = [place_index("ent_merging"), *sort_indexes("ent_mrg", "opened_at")]

    def __str__(self) -> str:
        return self.title


class MergedRows(models.Model):
    """What one merging did to one table. ``ids``: the keys of the rows that were handed over, 16 bytes each; never changed afterwards."""

    merging = models.ForeignKey(Merging, on_delete=models.PROTECT, related_name="rows")
    merging_id: UUID
    model = models.CharField(max_length=80)
    column = models.CharField(max_length=40)
    moved = models.PositiveIntegerField()
    altered = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    ids = models.BinaryField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["merging", "model", "column"], name="ent_merged_rows_once")]
