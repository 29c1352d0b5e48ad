"""Tables of an incident's books: people, decisions, statements, cost. Decisions and cost are never changed, only added to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.command.casebook import rules
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, place_index


class Person(Case):
    """Somebody hurt, missing or dead: his state, where he is treated, whether his family knows."""

    flow: ClassVar[Flow] = rules.PERSON_FLOW
    personal_columns: ClassVar[frozenset[str]] = frozenset({"name", "age", "unit", "family_name", "family_phone"})

    incident_id = models.UUIDField(db_index=True)
    number = models.PositiveIntegerField(_("编号"))
    name = models.CharField(_("姓名"), max_length=60, blank=True, default="")
    sex = models.CharField(_("性别"), max_length=8, blank=True, default="")
    age = models.PositiveSmallIntegerField(_("年龄"), null=True, blank=True)
    role = models.CharField(_("人员类别"), max_length=10, choices=[(k, _(v)) for k, v in rules.ROLES.items()], default="unknown")
    unit = models.CharField(_("单位或住址"), max_length=120, blank=True, default="")
    worst = models.CharField(max_length=8, blank=True, default="")
    hospital = models.CharField(_("收治医院"), max_length=120, blank=True, default="")
    note = models.CharField(_("备注"), max_length=200, blank=True, default="")
    family_name = models.CharField(_("家属"), max_length=60, blank=True, default="")
    family_phone = models.CharField(_("家属电话"), max_length=40, blank=True, default="")
    family_told_at = models.DateTimeField(_("告知家属时间"), null=True, blank=True)
    family_told_by = models.CharField(_("告知人"), max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("台账人员")
        ordering = ["incident_id", "number"]
        indexes = [place_index("casebook_person")]
        constraints = [models.UniqueConstraint(fields=["incident_id", "number"], name="casebook_person_number_once")]

    def __str__(self) -> str:
        return f"{self.number}"


class Statement(Case):
    """What is said to media, families, the public or those who work on scene; approved by another than its writer."""

    flow: ClassVar[Flow] = rules.STATEMENT_FLOW

    incident_id = models.UUIDField(db_index=True)
    audience = models.CharField(_("对象"), max_length=8, choices=[(k, _(v)) for k, v in rules.AUDIENCES.items()])
    title = models.CharField(_("标题"), max_length=120)
    body = models.TextField(_("内容"))
    spokesperson = models.CharField(_("发言人或发布单位"), max_length=120, blank=True, default="")
    drafted_by_id = models.UUIDField()
    drafted_by_name = models.CharField(_("起草人"), max_length=100)
    approved_by_name = models.CharField(_("批准人"), max_length=100, blank=True, default="")
    approved_at = models.DateTimeField(null=True, blank=True)
    issued_at = models.DateTimeField(_("发布时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("对外信息")
        ordering = ["opened_at", "id"]
        indexes = [place_index("casebook_statement")]

    def __str__(self) -> str:
        return self.title


class _Line(models.Model):
    """A line of a book that only grows: a trigger refuses UPDATE and DELETE."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident_id = models.UUIDField(db_index=True)
    place_code = models.CharField(max_length=9)
    classification = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=100)

    class Meta:
        abstract = True
        ordering = ["at", "id"]


class Decision(_Line):
    """Who decided what, on which facts and grounds, and what else was weighed."""

    text = models.TextField(_("决策内容"))
    grounds = models.TextField(_("依据"))
    facts = models.TextField(_("所据事实"), blank=True, default="")
    options = models.TextField(_("其他方案及未采用的理由"), blank=True, default="")
    decided_by = models.CharField(_("决策人"), max_length=120)

    class Meta(_Line.Meta):
        verbose_name = _("决策")


class Cost(_Line):
    """One item of cost in yuan; a correction is a further line, with a negative amount where it takes away."""

    kind = models.CharField(_("类别"), max_length=12, choices=[(k, _(v)) for k, v in rules.COST_KINDS.items()])
    item = models.CharField(_("项目"), max_length=200)
    amount = models.DecimalField(_("金额（元）"), max_digits=14, decimal_places=2)
    borne_by = models.CharField(_("由谁承担"), max_length=10, blank=True, default="", choices=[(k, _(v)) for k, v in rules.PAYERS.items()])
    payer = models.CharField(_("承担单位名称"), max_length=120, blank=True, default="")
    standing = models.CharField(_("状态"), max_length=10, choices=[(k, _(v)) for k, v in rules.COST_STATES.items()])
    document = models.CharField(_("凭证"), max_length=120, blank=True, default="")

    class Meta(_Line.Meta):
        verbose_name = _("费用")
