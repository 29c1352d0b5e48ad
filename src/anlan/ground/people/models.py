"""Accounts, posts and who holds them, sessions and second factors.

An account is a person who may sign in; a post (岗位) is a place of work in an organisation which grants
actions over a subtree of places; a holding says who sits in a post from when to when. An account without a holding can
sign in and may do nothing.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import SearchableRecord, SearchFields, search_index
from anlan.kernel.access import Classification
from anlan.kernel.ids import new_id


class AccountClass(models.TextChoices):
    """The four classes of account; the three administrators exclude each other and all business (三权分立)."""

    ORDINARY = "ordinary", _("业务账号")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计管理员")


class AccountState(models.TextChoices):
    """Whether an account may be used; a lock-out after failed sign-ins is separate and passes by itself."""

    ACTIVE = "active", _("可用")
    LOCKED = "locked", _("已锁定")
    DISABLED = "disabled", _("已停用")


class Proof(models.TextChoices):
    """How a person proved at sign-in who he is."""

    PASSWORD = "password", _("口令")
    TOTP = "totp", _("口令和动态口令")
    RECOVERY = "recovery", _("口令和恢复码")
    DEMO = "demo", _("演示一键登录")


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by name regardless of letter case. Only ``services.create_account`` makes accounts."""

    def get_by_natural_key(self, username: str | None) -> Account:
        """Return the account of that name or raise ``Account.DoesNotExist``."""
        return self.get(username__iexact=username)


class Account(SearchableRecord, AbstractBaseUser):
    """One person who may sign in. ``place_code`` is where the account is administered, not what it may see."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(_("用户名"), max_length=64, unique=True)
    display_name = models.CharField(_("姓名"), max_length=64)
    phone = models.CharField(_("手机号"), max_length=32, blank=True)
    email = models.EmailField(_("电子邮箱"), blank=True)
    title = models.CharField(_("职务"), max_length=64, blank=True)
    organisation = models.ForeignKey(
        "organisations.Organisation",
        verbose_name=_("所属机构"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    organisation_id: UUID | None
    place_code = models.CharField(_("所在区划"), max_length=9, db_index=True)
    classification = models.PositiveSmallIntegerField(_("密级"), default=Classification.INTERNAL)
    language = models.CharField(_("语言"), max_length=10, default="zh-hans")
    theme = models.CharField(_("外观"), max_length=10, default="auto")
    account_class = models.CharField(_("账号类别"), max_length=16, choices=AccountClass, default=AccountClass.ORDINARY)
    state = models.CharField(_("状态"), max_length=10, choices=AccountState, default=AccountState.ACTIVE)
    password_changed_at = models.DateTimeField(_("口令修改时间"), null=True, blank=True)
    must_change_password = models.BooleanField(_("须修改口令"), default=True)
    totp_secret = models.BinaryField(_("动态口令密钥（密文）"), null=True, blank=True)
    totp_confirmed_at = models.DateTimeField(_("动态口令启用时间"), null=True, blank=True)
    totp_last_step = models.BigIntegerField(_("最近使用的动态口令时间步"), default=0)
    # Grows with every change of state, class or holding: cached grants are keyed by it, so a change is felt at once.
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(_("创建时间"))
    updated_at = models.DateTimeField(_("更新时间"))

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")
        indexes = [search_index(), models.Index(fields=["-created_at", "id"], name="people_account_newest")]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="people_username_once"),
            # Target of the composite foreign key that keeps the three administrators apart (see the migration).
            models.UniqueConstraint(fields=["id", "account_class"], name="people_account_and_class"),
        ]

    def __str__(self) -> str:
        return f"{self.display_name}（{self.username}）"

    def search_fields(self) -> SearchFields:
        """Found by name, pinyin and user name; never by telephone or e-mail."""
        return SearchFields(names=(self.display_name,), texts=(self.title,), codes=(self.username,))

    @property
    def is_active(self) -> bool:  # pyrefly: ignore[bad-override] - Django asks only that it can be read
        """Django's name for: may be used at all."""
        return self.state == AccountState.ACTIVE

    @property
    def has_second_factor(self) -> bool:
        """Whether a confirmed time-based code is asked at sign-in."""
        return self.totp_confirmed_at is not None


class Post(models.Model):
    """A post in an organisation: its kind says what it may do, ``place_code`` where, ``enterprise_id`` for whom only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(_("岗位类型"), max_length=32, db_index=True)
    account_class = models.CharField(_("账号类别"), max_length=16, choices=AccountClass)
    name = models.CharField(_("岗位名称"), max_length=64)
    organisation = models.ForeignKey(
        "organisations.Organisation",
        verbose_name=_("机构"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    organisation_id: UUID | None
    place_code = models.CharField(_("管辖区划"), max_length=9, db_index=True)
    # Enterprises are a room above this one, so their identity is kept without a foreign key.
    enterprise_id = models.UUIDField(_("企业"), null=True, blank=True, db_index=True)
    classification = models.PositiveSmallIntegerField(_("密级"), default=Classification.INTERNAL)
    created_at = models.DateTimeField(_("创建时间"))
    updated_at = models.DateTimeField(_("更新时间"))

    class Meta:
        verbose_name = _("岗位")
        verbose_name_plural = _("岗位")
        constraints = [
            models.UniqueConstraint(fields=["id", "account_class"], name="people_post_and_class"),
            models.UniqueConstraint(
                fields=["kind", "place_code", "organisation", "enterprise_id"],
                name="people_post_once",
                nulls_distinct=False,
            ),
            # An administrator's kind goes with its class, both ways.
            models.CheckConstraint(
                condition=models.Q(kind=models.F("account_class"))
                | (models.Q(account_class="ordinary") & ~models.Q(kind__in=["system_admin", "security_admin", "audit_admin"])),
                name="people_post_kind_has_its_class",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PostHolding(models.Model):
    """Who holds a post from when to when; never deleted, so it stays known who could do what on a past day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, verbose_name=_("账号"), on_delete=models.PROTECT, related_name="holdings")
    post = models.ForeignKey(Post, verbose_name=_("岗位"), on_delete=models.PROTECT, related_name="holdings")
    # Repeated from both sides; two composite foreign keys make the database itself refuse a mixed holding.
    account_class = models.CharField(_("账号类别"), max_length=16, choices=AccountClass)
    place_code = models.CharField(_("管辖区划"), max_length=9, db_index=True)
    valid_from = models.DateTimeField(_("任职起"))
    valid_to = models.DateTimeField(_("任职止"), null=True, blank=True)
    granted_by = models.UUIDField(_("授权人"), null=True, blank=True)
    created_at = models.DateTimeField(_("创建时间"))

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        constraints = [
            models.UniqueConstraint(fields=["account", "post"], condition=models.Q(valid_to__isnull=True), name="people_one_open_holding"),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="people_holding_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(granted_by__isnull=True) | ~models.Q(granted_by=models.F("account_id")),
                name="people_nobody_grants_to_himself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.post}"


class PasswordRecord(models.Model):
    """Hash of a password used before, so that it is not used again soon."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="password_records")
    password = models.CharField(max_length=128)
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = _("历史口令")
        ordering = ["-set_at"]


class RecoveryCode(models.Model):
    """One-time code for a lost second factor, kept as a hash."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("恢复码")
        constraints = [models.UniqueConstraint(fields=["account", "code_hash"], name="people_recovery_code_once")]


class SessionRecord(models.Model):
    """One signed-in browser. Only a hash of the session key is kept, so that the table gives nobody a session."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="session_records")
    key_hash = models.CharField(max_length=64, unique=True)
    holding = models.ForeignKey(PostHolding, on_delete=models.PROTECT, null=True, related_name="+")
    address = models.GenericIPAddressField(_("地址"), null=True)
    browser = models.CharField(_("浏览器"), max_length=200, blank=True)
    # A wallboard stays signed in for long and may only read.
    wall = models.BooleanField(_("大屏会话"), default=False)
    started_at = models.DateTimeField(_("登录时间"))
    last_seen_at = models.DateTimeField(_("最近活动"))
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    proof = models.CharField(_("登录方式"), max_length=10, default=Proof.PASSWORD, choices=Proof)
    ended_why = models.CharField(_("结束原因"), max_length=32, blank=True)

    class Meta:
        verbose_name = _("登录会话")
        verbose_name_plural = _("登录会话")
        indexes = [models.Index(fields=["account", "started_at"], condition=models.Q(ended_at__isnull=True), name="people_running")]


class PolicyValue(models.Model):
    """A value of the sign-in policy that this node set for itself; the newest one not in the future holds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(_("策略"), max_length=40)
    value = models.PositiveIntegerField(_("取值"))
    effective_from = models.DateTimeField(_("生效时间"))
    set_by = models.UUIDField(_("设置人"))

    class Meta:
        verbose_name = _("登录策略")
        verbose_name_plural = _("登录策略")
        ordering = ["effective_from", "id"]


class InterfaceKey(models.Model):
    """What another system signs in with (接口凭证): reads as an account at one of its posts, a chosen part of what that post may see; the own
    system of an enterprise also sends what was chosen of a closed list.

    It opens nothing the post does not: account, holding and key must all be in force. Of the secret only a digest is kept.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(_("凭证名"), max_length=16, unique=True)
    label = models.CharField(_("用途"), max_length=80)
    account = models.ForeignKey(Account, verbose_name=_("账号"), on_delete=models.PROTECT, related_name="interface_keys")
    account_id: UUID
    post = models.ForeignKey(Post, verbose_name=_("岗位"), on_delete=models.PROTECT, related_name="+")
    post_id: UUID
    place_code = models.CharField(_("管辖区划"), max_length=9, db_index=True)
    actions = models.JSONField(_("可读取的内容"))
    # Of the closed list (catalogue.sendable_actions); what leaves the list is granted no more.
    writes = models.JSONField(_("可写入的内容"), default=list)
    information = models.PositiveSmallIntegerField(_("最高信息类别"), default=Classification.INTERNAL)
    # Bytes, so that the audit log tells a digest of the digest.
    digest = models.BinaryField(_("密钥摘要"))
    expires_at = models.DateTimeField(_("到期时间"))
    revoked_at = models.DateTimeField(_("吊销时间"), null=True, blank=True)
    revoked_why = models.CharField(_("吊销原因"), max_length=200, blank=True)
    last_used_at = models.DateTimeField(_("最近使用时间"), null=True, blank=True)
    last_address = models.GenericIPAddressField(_("最近使用地址"), null=True, blank=True)
    issued_by = models.UUIDField(_("发放人"))
    created_at = models.DateTimeField(_("发放时间"))

    class Meta:
        verbose_name = _("接口凭证")
        verbose_name_plural = _("接口凭证")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.username} · {self.label}"
