"""Tables of the links between nodes: who is known, what waits to go, what came, and links that an exercise holds cut."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.federation import keys
from anlan.federation.envelope import Address, Lane
from anlan.kernel.ids import new_id
from anlan.kernel.levels import Level, covers, prefix_of

SELF, ABOVE, BELOW, BEYOND = "self", "above", "below", "beyond"
RELATIONS = {SELF: _("本节点"), ABOVE: _("上级节点"), BELOW: _("下级节点"), BEYOND: _("经转可达")}
ASKED, JOINED, REFUSED, LEFT = "asked", "joined", "refused", "left"
STATES = {ASKED: _("待确认"), JOINED: _("已接入"), REFUSED: _("未同意"), LEFT: _("已断开")}
LANES = [(int(lane), _(lane.label)) for lane in Lane]


class Node(models.Model):
    """A node of the network as this one knows it. ``levels``: levels of bureaus that work on it, at ``place_code`` and below."""

    id = models.CharField(primary_key=True, max_length=keys.ID_LENGTH, editable=False)
    relation = models.CharField(_("关系"), max_length=8, choices=list(RELATIONS.items()))
    state = models.CharField(_("状态"), max_length=8, choices=list(STATES.items()))
    name = models.CharField(_("节点名称"), max_length=100)
    level = models.PositiveSmallIntegerField(_("层级"))
    place_code = models.CharField(_("行政区划"), max_length=9)
    levels = models.JSONField(_("服务的层级"), default=list)
    public_key = models.CharField(max_length=64)
    # Where it is reached: of the node above alone, which is called and never calls.
    address = models.CharField(_("地址"), max_length=300, blank=True, default="")
    via = models.ForeignKey("self", on_delete=models.CASCADE, related_name="beyond", null=True)
    takes_exercises = models.BooleanField(_("演练信息也发送"), default=False)
    asked_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)
    joined_by = models.CharField(max_length=100, blank=True, default="")
    # Of the link: when it last answered or called, since when it fails and why, when somebody was told.
    last_contact_at = models.DateTimeField(_("最近联系"), null=True)
    failing_since = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True, default="")
    told_cut_at = models.DateTimeField(null=True)
    # Number of the last request that was taken from it: an older one is somebody's copy.
    last_number = models.BigIntegerField(default=0)
    # What each side told of the nodes it knows, by its digest.
    catalogue_seen = models.CharField(max_length=64, blank=True, default="")
    catalogue_heard = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("节点")
        verbose_name_plural = _("节点")
        ordering = ["level", "place_code", "id"]
        constraints = [models.UniqueConstraint(fields=["relation"], condition=Q(relation=SELF), name="federation_one_self")]

    def __str__(self) -> str:
        return self.name

    @property
    def bureau(self) -> Address:
        """Address of the node's own bureau."""
        return Address(Level(self.level), self.place_code)

    @property
    def fingerprint(self) -> str:
        """Its key as it is compared over the telephone."""
        return keys.fingerprint(self.id)

    def serves(self, to: Address) -> bool:
        """Whether the bureau works on this node."""
        return int(to.level) in self.levels and covers(prefix_of(self.place_code), to.place_code)


class OutboxEnvelope(models.Model):
    """An envelope on its way to the next node; without ``peer`` it goes to a bureau of this node, over a link that an exercise holds cut.

    ``taken_at``: the next node keeps it. ``arrived_at``: all its receivers have worked on it. ``refs``: what of the sender's it settles.
    """

    id = models.BigAutoField(primary_key=True)
    envelope_id = models.UUIDField()
    peer = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="outbox", null=True)
    cut = models.ForeignKey("LinkCut", on_delete=models.PROTECT, related_name="outbox", null=True)
    origin = models.CharField(max_length=keys.ID_LENGTH)
    lane = models.PositiveSmallIntegerField(_("优先级"), choices=LANES)
    kind = models.CharField(max_length=64)
    subject = models.UUIDField()
    place_code = models.CharField(max_length=9)
    # Receivers that lie behind this peer, as [level, place]; and by their keys when each had it.
    receivers = models.JSONField()
    arrivals = models.JSONField(default=dict)
    title = models.CharField(max_length=200)
    exercise = models.BooleanField(default=False)
    refs = models.JSONField(default=dict)
    sealed = models.TextField()
    made_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    refused_code = models.CharField(max_length=64, blank=True, default="")
    refused_words = models.CharField(max_length=400, blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("待发信封")
        ordering = ["lane", "id"]
        constraints = [models.UniqueConstraint(fields=["envelope_id", "peer"], nulls_distinct=False, name="federation_outbox_once")]
        indexes = [
            models.Index(
                fields=["peer", "lane", "id"], condition=Q(taken_at__isnull=True, refused_code=""), name="federation_outbox_waits"
            ),
            models.Index(fields=["subject"], name="federation_outbox_subject"),
        ]

    @property
    def to(self) -> tuple[Address, ...]:
        """Whom it is for."""
        return tuple(Address(Level(level), place) for level, place in self.receivers)


WAITING, APPLIED, FORWARDED, SET_ASIDE = "waiting", "applied", "forwarded", "refused"
INBOX_STATES = {WAITING: _("待办理"), APPLIED: _("已办理"), FORWARDED: _("已转送"), SET_ASIDE: _("已搁置")}


class InboxEnvelope(models.Model):
    """An envelope that came: kept before it is answered, worked on once. What cannot be worked on is set aside with its reason."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    envelope_id = models.UUIDField(unique=True)
    origin = models.CharField(max_length=keys.ID_LENGTH)
    came_from = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="inbox", null=True)
    lane = models.PositiveSmallIntegerField(_("优先级"), choices=LANES)
    kind = models.CharField(max_length=64)
    subject = models.UUIDField()
    place_code = models.CharField(max_length=9)
    title = models.CharField(max_length=200)
    exercise = models.BooleanField(default=False)
    sealed = models.TextField()
    taken_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=list(INBOX_STATES.items()), default=WAITING)
    settled_at = models.DateTimeField(null=True)
    refused_code = models.CharField(max_length=64, blank=True, default="")
    refused_words = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        verbose_name = _("收到的信封")
        ordering = ["taken_at", "id"]
        indexes = [models.Index(fields=["state", "taken_at"], name="federation_inbox_state")]


class LinkCut(models.Model):
    """An exercise holds the link between a bureau of this node and the bureaus above it cut. Only what belongs to exercises is held."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    level = models.PositiveSmallIntegerField()
    place_code = models.CharField(max_length=9)
    reason = models.CharField(max_length=200)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by_name = models.CharField(max_length=100)

    class Meta:
        verbose_name = _("演练断链")
        ordering = ["since"]
        indexes = [models.Index(fields=["place_code"], condition=Q(until__isnull=True), name="federation_cut_open")]
