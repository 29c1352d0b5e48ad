"""Onboarding pages: the invited enterprise's own page, reached by its link without an account, and the bureau's pages of invitations."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

import segno
import xlsxwriter
from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.braking import Brake
from anlan.desk.guard import ActorRequest, public, requires
from anlan.desk.refusals import sentence
from anlan.desk.resource.forms import ResourceForm
from anlan.ground.enterprises import certificate_screens, confirming, joining, onboarding, rules, wording
from anlan.ground.enterprises import forms as inputs
from anlan.ground.enterprises.models import Enterprise, Invitation
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.ledger import flows
from anlan.ledger.changes import permit
from anlan.ledger.scope import visible

SHEET = replace(certificate_screens.SHEET, columns=tuple(one for one in certificate_screens.SHEET.columns if one.name != "uscc"))
"""What an invited enterprise uploads: the bureau's template without the credit code, which its link knows."""
asked = Brake(60, 60)
guesses = Brake(10, 10)
"""Pages and wrong links by one address. Project defaults."""


class JoinForm(ResourceForm):
    """What an enterprise tells of itself. Everything may be left for later; what is needed is checked when it submits."""

    legal_representative = forms.CharField(label=gettext_lazy("法定代表人"), max_length=60, required=False)
    registered_address = forms.CharField(label=gettext_lazy("注册地址"), max_length=200, required=False)
    longitude = inputs.degrees_field(gettext_lazy("经度"))()
    latitude = inputs.degrees_field(gettext_lazy("纬度"))()
    industry_code = inputs.industry_field()
    sector_code = inputs.sector_field()
    scale = forms.ChoiceField(
        label=gettext_lazy("企业规模"),
        required=False,
        choices=[("", "—"), *((code, gettext_lazy(label)) for code, label in rules.SCALES.items())],  # type: ignore[list-item]
    )
    staff_count = inputs.count_field()
    founded_on = forms.CharField(label=gettext_lazy("成立日期"), required=False, max_length=10, widget=forms.DateInput({"type": "date"}))
    business_scope = inputs.scope_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for role in joining.ROLES:
            label = _(rules.CONTACT_ROLES[role])
            self.fields[f"{role}_name"] = forms.CharField(label=_("%(role)s姓名") % {"role": label}, max_length=60, required=False)
            phone = forms.TextInput({"inputmode": "tel"})
            self.fields[f"{role}_phone"] = forms.CharField(
                label=_("%(role)s电话") % {"role": label}, max_length=20, required=False, widget=phone
            )


class InviteForm(ResourceForm):
    """Whom a bureau invites."""

    name = forms.CharField(label=gettext_lazy("企业名称"), max_length=120)
    uscc = forms.CharField(label=gettext_lazy("统一社会信用代码"), max_length=24)
    place_code = inputs.place_field()
    contact_name = forms.CharField(label=gettext_lazy("联系人"), max_length=60)
    contact_phone = forms.CharField(label=gettext_lazy("联系电话"), max_length=20, widget=forms.TextInput({"inputmode": "tel"}))


def _braked(request: HttpRequest, token: str) -> Invitation:
    """The invitation of the link. Raises ``JoinTooFast`` before it looks, ``LinkDead``; wrong links count harder than pages."""
    address = str(request.META.get("REMOTE_ADDR", ""))[:45]
    if not asked.takes(address) or not guesses.takes(address, 0):
        raise onboarding.JoinTooFast
    try:
        return joining.by_token(token, clock.now())
    except onboarding.LinkDead:
        guesses.takes(address)
        raise


@public
@never_cache
@require_http_methods(["GET", "POST"])
def join_page(request: HttpRequest, token: str) -> HttpResponse:
    """The invited enterprise fills in, saves, submits; after it submitted it sees what it sent."""
    row = _braked(request, token)
    form = JoinForm(request.POST if request.method == "POST" else None, initial=_initial(row))
    said, status = "", 200
    if request.method == "POST":
        status = 422
        form.is_valid()
        try:
            row = joining.save_draft(token, *_typed(request), now=clock.now())
            said = _("已保存，可以稍后用同一链接继续填写。")
            status = 200
            if "submit" in request.POST:
                joining.submit(token, now=clock.now())
                return HttpResponseRedirect(request.path)
        except Refusal as refusal:
            status, said = 422, ""
            form.refuse(refusal)
    return render(request, "enterprises/join.html", _join_context(row, token, form) | {"said": said}, status=status)


@public
@never_cache
@require_POST
def join_upload(request: HttpRequest, token: str) -> HttpResponse:
    """Licences and certificates from a spreadsheet; what is refused is told by row and column, good rows are kept."""
    row = _braked(request, token)
    context: dict[str, Any] = {}
    file = request.FILES.get("file")
    try:
        if file is None:
            raise rules.MissingValue(field=_("文件"))
        context["kept"], context["bad"] = joining.upload_rows(token, file, SHEET, now=clock.now())
        row.refresh_from_db()
    except Refusal as refusal:
        context["upload_refused"] = sentence(refusal)
    status = 422 if context.get("bad") or context.get("upload_refused") else 200
    return render(request, "enterprises/join.html", _join_context(row, token, JoinForm(initial=_initial(row))) | context, status=status)


@public
@never_cache
@require_GET
def join_template(request: HttpRequest, token: str) -> HttpResponse:
    """The empty spreadsheet for licences and certificates."""
    _braked(request, token)
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        for at, column in enumerate(SHEET.columns):
            sheet.write_string(0, at, str(column.label), bold)
            sheet.set_column(at, at, 22)
    answer = HttpResponse(kept.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    answer["Content-Disposition"] = 'attachment; filename="certificates.xlsx"'
    return answer


def _typed(request: HttpRequest) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    values = {name: request.POST.get(name, "").strip() for name in joining.FIELDS}
    contacts = {role: {part: request.POST.get(f"{role}_{part}", "").strip() for part in ("name", "phone")} for role in joining.ROLES}
    return values, contacts


def _initial(row: Invitation) -> dict[str, str]:
    contacts = row.draft.get("contacts", {})
    people = {f"{role}_{part}": contacts.get(role, {}).get(part, "") for role in joining.ROLES for part in ("name", "phone")}
    return {**row.draft.get("values", {}), **people}


def _join_context(row: Invitation, token: str, form: JoinForm) -> dict[str, Any]:
    return {
        "row": row,
        "token": token,
        "form": form,
        "groups": form.grouped(),
        "errors": form.summary() if form.is_bound else [],
        "writable": row.state in onboarding.FILLING,
        "place": places.full_name(row.place_code),
        "lines": _shown(row),
        "reasons": [(_label(name), why) for name, why in row.reasons.items()],
        "certificates": _certificates(row),
    }


def _label(name: str) -> str:
    form = JoinForm()
    return str(form.fields[name].label) if name in form.fields else _("证照与人员证书")


def _shown(row: Invitation) -> list[tuple[str, str, str]]:
    """What was filled in as (field, label, value)."""
    initial = _initial(row)
    worded = {
        "sector_code": wording.sector_label,
        "industry_code": wording.industry_label,
        "scale": lambda code: _(rules.SCALES.get(code, code) or "—"),
    }
    return [
        (name, str(field.label), worded[name](initial[name]) if name in worded and initial.get(name) else initial.get(name, "") or "—")
        for name, field in JoinForm().fields.items()
    ]


def _certificates(row: Invitation) -> list[tuple[str, str, str, str]]:
    return [
        (
            wording.certificate_label(one["kind"]),
            one.get("person_name", ""),
            one["number"],
            one.get("valid_until") or one.get("review_due") or "—",
        )
        for one in row.draft.get("certificates", [])
    ]


# --- the bureau's side ---------------------------------------------------------------------------------------------------------------


def _row(invitation_id: UUID, actor: Actor) -> Invitation:
    found = visible(Invitation.objects.all(), actor, "enterprises.register", enterprise=None).filter(pk=invitation_id).first()
    if found is None:
        raise NotFound(what=_("企业入驻邀请"))
    return found


@requires("enterprises.register")
@require_http_methods(["GET", "POST"])
def invite_page(request: ActorRequest) -> HttpResponse:
    """Invite an enterprise; the link is shown once."""
    actor = cast(Actor, request.actor)
    form = InviteForm(request.POST or None, initial={"place_code": actor.place_code})
    if request.method == "POST" and form.is_valid():
        try:
            row, token = joining.invite(**form.cleaned_data, actor=actor, now=clock.now())
            return _page(request, row, token=token)
        except Refusal as refusal:
            form.refuse(refusal)
    context = {
        "form": form,
        "groups": form.grouped(),
        "errors": form.summary() if form.is_bound else [],
        "heading": _("邀请企业入驻"),
        "back_url": reverse("desk:invitations-list"),
        "draft_key": f"{actor.account_id}:{request.path}",
        "version": None,
    }
    return render(request, "desk/resource/form.html", context, status=422 if form.is_bound else 200)


@requires("enterprises.register")
@require_GET
def invitation_page(request: ActorRequest, invitation_id: UUID) -> HttpResponse:
    """What the enterprise wrote, and what the bureau may do with it."""
    return _page(request, _row(invitation_id, cast(Actor, request.actor)))


@requires("enterprises.register")
@require_POST
def invitation_act(request: ActorRequest, invitation_id: UUID, act: str) -> HttpResponse:
    """Accept, return with reasons, withdraw, or make a new link."""
    actor, now = cast(Actor, request.actor), clock.now()
    row = _row(invitation_id, actor)
    try:
        match act:
            case "accept":
                joining.accept(row.pk, actor=actor, now=now)
            case "return":
                names = [*JoinForm().fields, "certificates"]
                joining.give_back(row.pk, {name: request.POST.get(f"why_{name}", "") for name in names}, actor=actor, now=now)
            case "withdraw":
                joining.withdraw(row.pk, request.POST.get("reason", ""), actor=actor, now=now)
            case "link":
                row, token = joining.renew_link(row.pk, actor=actor, now=now)
                return _page(request, row, token=token)
            case _:
                raise NotFound(what=act)
    except Invalid as refusal:
        told = [f"{_label(name)}：{sentence(why) if isinstance(why, Refusal) else why}" for name, why in refusal.fields.items()]
        return _page(request, row, refused=told, status=422)
    except (onboarding.NothingToReturn, onboarding.LinkDead) as refusal:
        return _page(request, row, refused=[sentence(refusal)], status=refusal.status)
    return HttpResponseRedirect(reverse("enterprises:invitation", args=[row.pk]))


def _page(request: ActorRequest, row: Invitation, *, token: str = "", refused: list[str] | None = None, status: int = 200) -> HttpResponse:
    actor = cast(Actor, request.actor)
    link = request.build_absolute_uri(reverse("enterprises:join", args=[token])) if token else ""
    context = {
        "row": row,
        "tone": onboarding.TONES.get(row.state, "grey"),
        "place": places.full_name(row.place_code),
        "lines": _shown(row),
        "certificates": _certificates(row),
        "reasons": [(_label(name), why) for name, why in row.reasons.items()],
        "link": link,
        "qr": segno.make(link, error="m").svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=False) if link else "",
        "refused": refused or [],
        "moves": {move.code for move in flows.available_moves(row, actor)},
        "steps": [(step, _step_label(row, step.move)) for step in flows.steps(row)],
        "open": row.state in onboarding.OPEN_STATES,
    }
    return render(request, "enterprises/invitation.html", context, status=status)


def _step_label(row: Invitation, code: str) -> str:
    return _("发出邀请") if code == "open" else _(row.flow.move(code).label)


@requires("enterprises.change")
@require_POST
def confirm(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """Say that the file is right as it stands (年度确认)."""
    actor = cast(Actor, request.actor)
    row = visible(Enterprise.objects.all(), actor, "enterprises.change").filter(pk=enterprise_id).first()
    if row is None:
        raise NotFound(what=_("企业"))
    permit(actor, "enterprises.change", record=row)
    confirming.confirm(row.pk, actor=actor, now=clock.now())
    return HttpResponseRedirect(reverse("enterprises:file", args=[row.pk]))
