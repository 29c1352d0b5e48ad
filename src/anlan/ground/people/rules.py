"""The law of accounts: password and session limits, second factor, what each kind of post may do, who may be what at once.

GB/T 22239-2019 level 3: 8.1.4.1 identity authentication, 8.1.4.2 access control, 8.1.5.1 to 8.1.5.3 separate administrators.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pyotp

from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, in_force, load_rules

ACTIONS: dict[str, str] = {
    "people.view": N_("查看账号与岗位"),
    "people.create": N_("创建账号"),
    "people.change": N_("修改账号资料、停用账号"),
    "people.reset_password": N_("重置他人口令"),
    "people.grant": N_("授予和撤销岗位"),
    "people.lock": N_("锁定和解锁账号、结束他人会话"),
    "people.reset_factor": N_("重置他人的动态口令"),
    "people.set_policy": N_("修改登录安全策略"),
    "people.issue_key": N_("发放和吊销接口凭证"),
    "audit.view": N_("查看审计日志"),
    "audit.verify": N_("校验审计日志"),
    "audit.export": N_("导出审计日志"),
    "own.sign_in": N_("登录"),
    "own.sign_out": N_("退出登录"),
    "own.choose_post": N_("切换岗位"),
    "own.change_password": N_("修改自己的口令"),
    "own.change_profile": N_("修改自己的资料"),
    "own.change_factor": N_("启用或停用自己的动态口令"),
    "own.end_session": N_("结束自己的会话"),
}

OWN = "own.*"
"""What every signed-in account may do, and only to itself."""

ORDINARY, SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN = "ordinary", "system_admin", "security_admin", "audit_admin"
ADMINISTRATORS = (SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN)
ADMINISTRATION = ("people.*", "audit.*")
"""What no business post may ever do."""


# --- Posts ------------------------------------------------------------------------------------------------------------

_LOOK = (
    "desk.view map.view hazards.view wallboard.view places.view organisations.view enterprises.view risksources.view chemicals.view packs.view models.view models.run evidence.view facilities.view population.view devices.view video.view alarms.view criteria.view units.view riskpicture.view bulletins.view "
    "channels.view carriers.view audiences.view filings.view incidents.view casebook.view dispatch.view evacuation.view resources.view aftermath.view duty.view plans.view completeness.view patrol.view hazardsources.view risks.view dangers.view permits.view standing.view commitments.view holdings.view health.view roads.view judgement.view plotting.view field.view fieldapp.view opinion.view contact.view contact.receive consultation.view consultation.speak minerescue.view relays.view"
)


@dataclass(frozen=True)
class PostKind:
    """A kind of post: what it may do and how it signs in. ``actions``: names and patterns with ``*``; all else is denied."""

    code: str
    label: str
    actions: str
    account_class: str = ORDINARY
    second_factor: bool = False
    session: str = "office"
    of_enterprise: bool = False
    may_read_sensitive: bool = False
    purpose: str = ""

    def allows(self, action: str) -> bool:
        """Whether a post of this kind may do ``action`` somewhere."""
        return any(fnmatchcase(action, pattern) for pattern in self.patterns)

    @property
    def patterns(self) -> tuple[str, ...]:
        """The actions and patterns one by one, each once."""
        return tuple(dict.fromkeys(self.actions.split()))


_KINDS = (
    PostKind(
        "duty_officer",
        N_("值班员"),
        f"{_LOOK} consultation.call consultation.record aftermath.write aftermath.improve evacuation.prepare evacuation.record evacuation.people resources.ready resources.commit resources.contacts opinion.import opinion.arrange opinion.link opinion.view_personal hazards.intake hazards.estimate alarms.acknowledge alarms.handle duty.log duty.hand_over duty.swap casebook.people casebook.decide casebook.state casebook.cost dispatch.request dispatch.answer dispatch.account dispatch.signal incidents.open incidents.change incidents.propose_response contact.keep contact.send contact.roll minerescue.record "
        "incidents.order_task incidents.do_task plotting.open plotting.draw filings.create filings.submit filings.receive filings.report_up filings.supplement filings.merge "
        "bulletins.draft bulletins.edit bulletins.submit channels.send channels.cancel channels.export channels.call audiences.view_addresses evidence.attach enterprises.view_contacts completeness.ask roads.close roads.open judgement.run field.answer fieldapp.send fieldapp.verify dangers.report",
        session="duty",
        may_read_sensitive=True,
        purpose=N_("全天候值守：处置报警，接报续报，起草预警，跟踪响应。"),
    ),
    PostKind(
        "duty_leader",
        N_("带班领导"),
        f"{_LOOK} relays.manage relays.cut consultation.* aftermath.* evacuation.* resources.ready resources.commit resources.stock resources.contacts resources.agree resources.export opinion.* hazards.intake hazards.configure hazards.estimate alarms.acknowledge alarms.handle alarms.review alarms.shelve alarms.configure riskpicture.export riskpicture.enact criteria.test criteria.enact criteria.withdraw criteria.suppress duty.* incidents.* dispatch.* casebook.* plotting.* plans.* filings.* evidence.* enterprises.view_contacts roads.close roads.open contact.* minerescue.* "
        "bulletins.draft bulletins.edit bulletins.submit bulletins.subscribe channels.send channels.cancel channels.export channels.call audiences.view_addresses judgement.run field.answer fieldapp.* dangers.* permits.stop",
        second_factor=True,
        session="duty",
        may_read_sensitive=True,
        purpose=N_("带班：审定上报，作出批示，启动和终止响应。"),
    ),
    PostKind(
        "approver",
        N_("预警审批人"),
        f"{_LOOK} consultation.sign bulletins.draft bulletins.edit bulletins.submit bulletins.approve bulletins.withdraw channels.cancel channels.export",
        second_factor=True,
        may_read_sensitive=True,
        purpose=N_("审批、发布、更新和解除预警；不能审批自己起草的预警。"),
    ),
    PostKind(
        "inspector",
        N_("监管执法人员"),
        f"{_LOOK} enterprises.* risksources.* packs.fill criteria.* units.* evidence.* patrol.* hazardsources.register hazardsources.declare hazardsources.accept hazardsources.export risks.export standing.review riskpicture.export riskpicture.draft dangers.* permits.stop plans.accept holdings.export health.people health.export",
        purpose=N_("检查企业，核对危险源，固定证据。"),
    ),
    PostKind(
        "bureau_clerk",
        N_("业务人员"),
        f"{_LOOK} consultation.call consultation.record resources.* opinion.import opinion.arrange opinion.link opinion.judge hazards.intake hazards.configure organisations.* enterprises.* risksources.* packs.fill hazardsources.register hazardsources.inventory hazardsources.declare hazardsources.export risks.export facilities.* population.* audiences.* carriers.* devices.* criteria.draft criteria.test units.* video.view video.manage alarms.apart plans.change plans.file duty.plan evidence.attach completeness.* patrol.* roads.* field.* dangers.report holdings.register holdings.export health.export contact.keep contact.send",
        purpose=N_("维护企业、危险源、设备、机构、预案等基础数据。"),
    ),
    PostKind(
        "commander",
        N_("现场指挥"),
        f"{_LOOK} consultation.call consultation.record consultation.sign aftermath.write aftermath.improve evacuation.prepare evacuation.record evacuation.people resources.ready resources.commit resources.contacts incidents.change incidents.propose_response incidents.end_response incidents.order_task incidents.do_task incidents.appoint casebook.people casebook.decide casebook.cost dispatch.request dispatch.account dispatch.signal contact.send minerescue.* "
        "plotting.* field.* fieldapp.send fieldapp.verify evidence.attach enterprises.view_contacts roads.close roads.open judgement.run",
        may_read_sensitive=True,
        purpose=N_("指挥处置：部署任务，调整响应，报告进展。"),
    ),
    PostKind(
        "expert",
        N_("应急专家"),
        f"{_LOOK} judgement.run",
        may_read_sensitive=True,
        purpose=N_("研判后果，比选方案，提出处置建议；不下达命令。"),
    ),
    PostKind(
        "rescue_team",
        N_("救援队"),
        "desk.view map.view places.view plans.view enterprises.view risksources.view chemicals.view alarms.view incidents.view incidents.do_task dispatch.view dispatch.account roads.view resources.view contact.receive consultation.view consultation.speak minerescue.view minerescue.record "
        "plotting.view plotting.draw field.view fieldapp.send fieldapp.view evidence.view evidence.attach holdings.view",
        session="duty",
        purpose=N_("接受任务，反馈到场、处置和结束情况。"),
    ),
    PostKind(
        "enterprise_manager",
        N_("企业安全管理员"),
        "desk.view fieldapp.send map.view places.view enterprises.view enterprises.change enterprises.view_contacts risksources.* chemicals.view packs.view packs.fill devices.* video.view video.manage alarms.view contact.receive consultation.view consultation.speak "
        "alarms.acknowledge alarms.handle alarms.review alarms.shelve evidence.view evidence.attach hazards.view hazards.subscribe hazards.acknowledge bulletins.view plans.view plans.change plans.file "
        "incidents.view filings.view filings.create filings.submit filings.supplement completeness.view completeness.declare "
        "criteria.view criteria.draft criteria.test criteria.suppress units.* judgement.* hazardsources.view hazardsources.register hazardsources.inventory hazardsources.assess hazardsources.declare hazardsources.file hazardsources.export risks.view risks.edit risks.import risks.export risks.check dangers.view dangers.report dangers.import dangers.grade dangers.order dangers.rectify dangers.verify dangers.close dangers.cancel dangers.report_up dangers.ask_extension dangers.decide_extension standing.view standing.fill riskpicture.view "
        "permits.view permits.draft permits.confirm permits.gas permits.approve permits.work permits.accept permits.cancel permits.stop permits.set_rules commitments.view commitments.give holdings.view holdings.register holdings.record holdings.correct holdings.export health.view health.register health.people health.arrange health.export",
        of_enterprise=True,
        purpose=N_("维护本企业档案、危险源和设备，处置报警，报告事故。"),
    ),
    PostKind(
        "enterprise_operator",
        N_("企业中控员"),
        "desk.view fieldapp.send map.view places.view enterprises.view risksources.view chemicals.view devices.view video.view hazards.view hazards.acknowledge bulletins.view alarms.view alarms.acknowledge contact.receive "
        "alarms.handle evidence.view evidence.attach filings.view filings.create completeness.view hazardsources.view risks.view risks.check dangers.view dangers.report "
        "permits.view permits.draft permits.confirm permits.gas permits.work commitments.view holdings.view holdings.record health.view",
        session="duty",
        of_enterprise=True,
        purpose=N_("在中控室盯守本企业报警并首先处置。"),
    ),
    PostKind(
        "enterprise_shift_leader",
        N_("企业当班负责人"),
        "desk.view fieldapp.send map.view places.view enterprises.view risksources.view chemicals.view devices.view video.view hazards.view hazards.acknowledge bulletins.view alarms.view alarms.acknowledge contact.receive "
        "alarms.handle alarms.shelve evidence.view evidence.attach filings.view filings.create hazardsources.view risks.view risks.check dangers.view dangers.report dangers.rectify dangers.verify "
        "permits.view permits.draft permits.confirm permits.gas permits.approve permits.work permits.accept permits.cancel commitments.view holdings.view holdings.record health.view",
        session="duty",
        of_enterprise=True,
        purpose=N_("当班组织处置本企业报警；中控员未及时确认时接到升级通知。"),
    ),
    PostKind(
        "enterprise_principal",
        N_("企业主要负责人"),
        "desk.view fieldapp.send map.view places.view enterprises.view enterprises.view_contacts risksources.view chemicals.view packs.view devices.view video.view hazards.view hazards.acknowledge bulletins.view contact.receive consultation.view consultation.speak "
        "alarms.view alarms.acknowledge alarms.handle alarms.review evidence.view evidence.attach plans.view plans.issue plans.file incidents.view filings.view "
        "filings.create filings.submit filings.supplement criteria.view criteria.enact criteria.withdraw criteria.suppress units.view hazardsources.view hazardsources.assess hazardsources.declare hazardsources.file risks.view risks.export risks.check dangers.view dangers.report dangers.import dangers.grade dangers.order dangers.rectify dangers.verify dangers.close dangers.cancel dangers.report_up dangers.ask_extension dangers.decide_extension dangers.sign_report standing.view standing.fill standing.submit riskpicture.view "
        "permits.view permits.approve permits.accept permits.cancel permits.stop permits.set_rules commitments.view commitments.give holdings.view holdings.export health.view health.people health.export",
        of_enterprise=True,
        purpose=N_("对本企业安全生产负总责；本企业无人确认的报警最后升级到此岗位。"),
    ),
    PostKind(
        "information_officer",
        N_("信息员"),
        "desk.view places.view fieldapp.send evidence.attach",
        purpose=N_("乡镇（街道）、村（社区）信息员：发现险情立即用手机一键上报。"),
    ),
    PostKind(
        "volunteer",
        N_("志愿者"),
        "desk.view places.view fieldapp.send evidence.attach",
        purpose=N_("登记在册的志愿者：上报的情况作为线索，由值班员核实。"),
    ),
    PostKind(
        "node_operator",
        N_("运维人员"),
        "desk.view places.view devices.view video.view stream.* channels.view carriers.* alarms.apart completeness.view",
        purpose=N_("查看节点、链路和设备接入的运行状况。"),
    ),
    PostKind(
        "wallboard",
        N_("大屏"),
        " ".join(action for action in _LOOK.split() if action.endswith(".view")),
        session="wall",
        purpose=N_("指挥大厅大屏：长时间在线，只能看。"),
    ),
    PostKind(
        SYSTEM_ADMIN,
        N_("系统管理员"),
        "people.view people.create people.change people.reset_password organisations.* places.* relays.view relays.manage",
        account_class=SYSTEM_ADMIN,
        second_factor=True,
        purpose=N_("管理账号、机构和配置；看不到业务数据，也不能授权。"),
    ),
    PostKind(
        SECURITY_ADMIN,
        N_("安全管理员"),
        "people.view people.grant people.lock people.reset_factor people.set_policy people.issue_key organisations.view places.view",
        account_class=SECURITY_ADMIN,
        second_factor=True,
        purpose=N_("授予岗位，锁定和解锁，制定登录策略；不能给自己授权。"),
    ),
    PostKind(
        AUDIT_ADMIN,
        N_("审计管理员"),
        "audit.view audit.verify audit.export",
        account_class=AUDIT_ADMIN,
        second_factor=True,
        purpose=N_("查看、校验和导出审计日志，不做其他任何事。"),
    ),
)
KINDS: Mapping[str, PostKind] = {kind.code: kind for kind in _KINDS}


def is_read_only(action: str) -> bool:
    """Whether ``action`` only looks: all that a wallboard session may do."""
    return action.endswith(".view")


# --- Policy -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class PolicyRule(DatedRule):
    """One value of the sign-in policy with the bounds within which a node may set its own."""

    code: str
    value: int
    lowest: int
    highest: int
    unit: str
    unit_zh: str
    name_zh: str
    name_en: str


@cache
def policy_rules() -> tuple[PolicyRule, ...]:
    """Every dated row of the sign-in policy."""
    return load_rules(Path(__file__).parent / "data" / "sign_in_policy.csv", PolicyRule)


@dataclass(frozen=True)
class Policy:
    """The sign-in policy in force at one moment. Lengths in the unit that the field's name says."""

    password_min_length: int
    password_character_classes: int
    password_history: int
    password_maximum_age: timedelta
    lock_after_failures: int
    lock_duration: timedelta
    session_idle: timedelta
    session_longest: timedelta
    duty_session_longest: timedelta
    wall_session_longest: timedelta
    sessions_per_account: int
    pending_sign_in: timedelta
    recovery_codes: int
    interface_key_longest: timedelta
    interface_key_requests: int


_UNITS = {"days": timedelta(days=1), "hours": timedelta(hours=1), "minutes": timedelta(minutes=1)}


def policy_on(day: date, own: Mapping[str, int] | None = None) -> Policy:
    """The policy in force on ``day``; ``own`` are the node's own values, which win inside the bounds of the rule."""
    values: dict[str, int | timedelta] = {}
    for rule in in_force(policy_rules(), day):
        value = min(max((own or {}).get(rule.code, rule.value), rule.lowest), rule.highest)
        values[rule.code] = value * _UNITS[rule.unit] if rule.unit in _UNITS else value
    return Policy(**values)  # type: ignore[arg-type]


# --- Passwords --------------------------------------------------------------------------------------------------------

_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits)


USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{2,63}")
PASSWORD_FAULTS: dict[str, str] = {
    "short": N_("长度不足 {length} 位"),
    "simple": N_("大写字母、小写字母、数字、符号至少要有 {classes} 种"),
    "username": N_("不能包含用户名"),
    "common": N_("属于常见口令"),
    "used": N_("与最近 {history} 次用过的口令相同"),
}


def character_classes(password: str) -> int:
    """How many of lower case, upper case, digits and everything else occur in ``password``."""
    known = "".join(_CLASSES)
    return sum(any(c in group for c in password) for group in _CLASSES) + any(c not in known for c in password)


def password_faults(password: str, username: str, policy: Policy) -> tuple[str, ...]:
    """Codes of what is wrong with a new password: ``short``, ``simple``, ``username``; empty when it may be tried further."""
    faults = []
    if len(password) < policy.password_min_length:
        faults.append("short")
    if character_classes(password) < policy.password_character_classes:
        faults.append("simple")
    if username and username.casefold() in password.casefold():
        faults.append("username")
    return tuple(faults)


def password_expires_at(changed_at: datetime | None, policy: Policy) -> datetime | None:
    """When a password set at ``changed_at`` must be changed; ``None`` when it was never set."""
    return changed_at + policy.password_maximum_age if changed_at else None


# --- Second factor (RFC 6238: SHA-1, 30 s, 6 digits) --------------------------------------------------------------------

STEP_SECONDS = 30
DRIFT_STEPS = 1
_RECOVERY_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_totp_secret() -> str:
    """A fresh base32 secret of 160 bits (RFC 4226 section 4 asks for at least 128)."""
    return pyotp.random_base32(32)


def totp_step(now: datetime) -> int:
    """Number of the 30-second step that ``now`` lies in."""
    return int(now.timestamp()) // STEP_SECONDS


def accepted_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """The step for which ``code`` holds, or ``None``. One step of drift either way; steps up to ``last_step`` are spent."""
    typed = code.replace(" ", "")
    generator = pyotp.TOTP(secret)
    for step in range(totp_step(now) - DRIFT_STEPS, totp_step(now) + DRIFT_STEPS + 1):
        if step > last_step and secrets.compare_digest(generator.generate_otp(step).encode(), typed.encode()):
            return step
    return None


def new_recovery_code() -> str:
    """A one-time code of 50 random bits, without letters that look alike: ``ABCDE-23456``."""
    letters = "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def recovery_code_hash(account_id: object, code: str) -> str:
    """SHA-256 of a recovery code, bound to its account. The code is random, so a slow hash would add nothing."""
    plain = re.sub(r"[^0-9A-Z]", "", code.upper())
    return hashlib.sha256(f"{account_id}:{plain}".encode()).hexdigest()


# --- Sessions ---------------------------------------------------------------------------------------------------------

ENDED_WHY: dict[str, str] = {
    "signed_out": N_("已退出登录"),
    "idle": N_("长时间没有操作"),
    "longest": N_("达到单次登录最长时间"),
    "too_many": N_("同一账号登录过多，最早的会话已结束"),
    "by_owner": N_("由本人在其他地方结束"),
    "by_admin": N_("由安全管理员结束"),
    "password": N_("口令已修改"),
    "locked": N_("账号已锁定或停用"),
    "factor": N_("动态口令已变更"),
}


def session_key_hash(session_key: str) -> str:
    """What the session table keeps instead of the key."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def session_longest(kind: PostKind | None, policy: Policy) -> timedelta:
    """How long a session at a post of ``kind`` lasts at most."""
    session = kind.session if kind else "office"
    return {"wall": policy.wall_session_longest, "duty": policy.duty_session_longest}.get(session, policy.session_longest)


def session_over(started: datetime, last_seen: datetime, now: datetime, kind: PostKind | None, policy: Policy) -> str | None:
    """Why a session is over (``idle``, ``longest``), or ``None``. Duty posts and walls know no idle time: a screen stays lit."""
    if now - started >= session_longest(kind, policy):
        return "longest"
    if (kind is None or kind.session == "office") and now - last_seen >= policy.session_idle:
        return "idle"
    return None


# --- Separation of administrators --------------------------------------------------------------------------------------


def classes_clash(account_class: str, kind_codes: Iterable[str]) -> bool:
    """Whether an account of ``account_class`` would hold a post of another class (三权分立)."""
    return any(KINDS[code].account_class != account_class for code in kind_codes)
