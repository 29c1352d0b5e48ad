"""Why people are refused: at the door, at a password, at a post."""

from __future__ import annotations

from typing import ClassVar

from anlan.ground.people.rules import PASSWORD_FAULTS
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class Worded(Refusal):
    """A refusal some of whose facts are source text themselves (labels), translated with the sentence."""

    worded: ClassVar[tuple[str, ...]] = ()

    def message(self, translate: object = None) -> str:
        """The sentence, with the facts named in ``worded`` in the same language."""
        facts = self.facts
        if callable(translate):
            facts = {name: translate(str(fact)) if name in self.worded else fact for name, fact in facts.items()}
        template = translate(self.sentence) if callable(translate) else self.sentence
        return str(template).format(**facts)


class SignInRefused(Refusal):
    """One sentence for a wrong name, a wrong password and an account that may not be used: nothing is given away."""

    code = "sign_in_refused"
    sentence = N_("用户名或口令不正确，或者账号不可用。连续 {limit} 次失败将锁定 {minutes} 分钟；忘记口令请联系系统管理员。")
    status = 401


class SignInLocked(Refusal):
    code = "sign_in_locked"
    sentence = N_("登录失败次数过多，已暂停从本机登录该账号。请在 {until} 之后再试；急需使用请联系安全管理员解锁。")
    status = 429


class CodeRefused(Refusal):
    code = "second_factor_refused"
    sentence = N_("动态口令或恢复码不正确，或已使用过。请等待下一组动态口令再输入；手机丢失请联系安全管理员。")
    status = 401


class SignInExpired(Refusal):
    code = "sign_in_expired"
    sentence = N_("等待输入动态口令的时间已过，请重新登录。")
    status = 401


class WeakPassword(Refusal):
    """``faults`` are codes of ``PASSWORD_FAULTS``; ``length``, ``classes`` and ``history`` fill their sentences."""

    code = "weak_password"
    sentence = N_("新口令不符合要求：{faults}。")
    status = 422

    def message(self, translate: object = None) -> str:
        """The sentence with every fault in words."""
        say = translate if callable(translate) else str
        faults = [str(say(PASSWORD_FAULTS[code])).format(**self.facts) for code in self.facts["faults"]]  # type: ignore[attr-defined]
        return str(say(self.sentence)).format(faults=str(say(N_("；"))).join(faults))


class WrongPassword(Refusal):
    code = "wrong_password"
    sentence = N_("当前口令不正确。")
    status = 422


class UsernameTaken(Refusal):
    code = "username_taken"
    sentence = N_("用户名“{username}”已被使用，请换一个。")


class UsernameMalformed(Refusal):
    code = "username_malformed"
    sentence = N_("用户名应为 3 到 64 个字母、数字、点、下划线或短横线，并以字母开头。")
    status = 422


class AdministratorsSeparate(Worded):
    """GB/T 22239-2019 8.1.5.1 to 8.1.5.3: three administrators; no account holds two, nor one beside business."""

    code = "administrators_separate"
    worded = ("account_class",)
    sentence = N_("“{account}”是{account_class}，不能任“{post}”：系统、安全、审计三类管理员和业务岗位必须由不同账号担任。")


class NotToYourself(Worded):
    code = "not_to_yourself"
    worded = ("action",)
    sentence = N_("不能对自己的账号执行“{action}”，请由另一名管理员办理。")
    status = 403


class UnknownPostKind(Refusal):
    code = "unknown_post_kind"
    sentence = N_("没有“{kind}”这种岗位类型。")
    status = 422


class EnterpriseNeeded(Worded):
    code = "post_enterprise_needed"
    worded = ("kind",)
    sentence = N_("“{kind}”岗位必须指明企业。")
    status = 422


class EnterpriseNotAllowed(Worded):
    code = "post_enterprise_not_allowed"
    worded = ("kind",)
    sentence = N_("“{kind}”岗位不属于任何企业，不要选择企业。")
    status = 422


class AlreadyHeld(Refusal):
    code = "post_already_held"
    sentence = N_("“{account}”已经担任“{post}”。")


class HoldingOver(Refusal):
    code = "holding_over"
    sentence = N_("该任职已于 {until} 结束。")


class WrongDates(Refusal):
    code = "holding_dates"
    sentence = N_("任职止必须晚于任职起。")
    status = 422


class FactorNeeded(Refusal):
    code = "second_factor_needed"
    sentence = N_("您担任的“{post}”必须使用动态口令，不能停用。")


class FactorNotBegun(Refusal):
    code = "second_factor_not_begun"
    sentence = N_("请先取得动态口令二维码，再输入手机上显示的六位数字。")


class PolicyOutOfBounds(Refusal):
    code = "policy_out_of_bounds"
    sentence = N_("“{name}”的取值须在 {lowest} 到 {highest} 之间。")
    status = 422


class NotDemo(Refusal):
    code = "not_demo"
    sentence = N_("本节点不是演示模式，不能一键登录。")
    status = 403


class StateHeldByOther(Worded):
    """A disabled account is brought back by the system administrator, a locked one by the security administrator."""

    code = "account_state_held"
    worded = ("state", "who")
    sentence = N_("账号现为“{state}”，请由{who}办理。")


class AdministratorsExist(Refusal):
    code = "administrators_exist"
    sentence = N_("本节点已有管理员账号，请由系统管理员创建新账号、安全管理员授予岗位。")


class KeyRefused(Refusal):
    """One sentence for an unknown name and a wrong secret: nothing is given away."""

    code = "interface_key_refused"
    sentence = N_("接口凭证不正确。请核对凭证名和密钥；密钥遗失只能重新发放。")
    status = 401


class KeyOver(Worded):
    """``why``: expired, revoked, or the account or post behind the key is no longer in force."""

    code = "interface_key_over"
    worded = ("why",)
    sentence = N_("接口凭证已失效：{why}。请联系安全管理员重新发放。")
    status = 401


class KeyGuesses(Refusal):
    code = "interface_key_guesses"
    sentence = N_("凭证校验失败次数过多，请一分钟后再试。")
    status = 429


class KeyTooFast(Refusal):
    code = "interface_key_too_fast"
    sentence = N_("请求过于频繁：每个接口凭证每分钟最多 {limit} 次，请稍后重试。")
    status = 429


class KeyForBusinessOnly(Refusal):
    code = "interface_key_for_business_only"
    sentence = N_("“{account}”不是可用的业务账号，或现在没有担任该岗位，不能发放接口凭证。")


class KeyReadsOnly(Refusal):
    code = "interface_key_reads_only"
    sentence = N_("接口凭证只能读取，且不能超出岗位的权限；不能包含：{actions}。")
    status = 422


class KeySendsListedOnly(Refusal):
    code = "interface_key_sends_listed_only"
    sentence = N_(
        "接口凭证不能写入：{actions}。只有企业岗位的凭证可以写入，且只限报送清单内、该岗位本来就有权办理的内容；其他写入由人员登录办理。"
    )
    status = 422


class KeyLifetime(Refusal):
    code = "interface_key_lifetime"
    sentence = N_("到期日应在今天之后，最长 {days} 天。")
    status = 422
