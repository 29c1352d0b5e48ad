"""Error pages: what happened, when, the request's number and a way on, in both languages."""

from __future__ import annotations

import sys

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from anlan.desk.faults import fault_of
from anlan.desk.guard import public
from anlan.desk.refusals import answer, request_number, show
from anlan.kernel.errors import Refusal

log = structlog.get_logger()


@public
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request could not be read."""
    return show(request, 400, "bad_request", _("请求的格式不正确，系统无法处理。请返回上一页后重试。"))


@public
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 raised by Django itself."""
    return show(request, 403, "not_permitted", _("您没有访问该页面的权限。如确需使用，请联系安全管理员授权。"))


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's protection token was missing or old."""
    log.warning("request.csrf_failed", reason=reason, path=request.path, number=request_number(request))
    return show(request, 403, "form_expired", _("页面停留时间过长，表单已失效。请刷新页面后重新提交。"))


@public
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such address, or nothing the visitor may see there."""
    return show(request, 404, "not_found", _("没有找到该页面。地址可能有误，或内容不在您的管辖范围内。"))


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """500: a fault of the node. The page needs neither database nor session, so that it shows whatever is broken."""
    exception = sys.exc_info()[1]
    if isinstance(exception, Refusal):
        # Raised in a middleware, where no view's handler can catch it.
        return answer(request, exception)
    fault = fault_of(exception)
    log.error("request.failed", path=request.path, number=request_number(request), code=fault.code, error=repr(exception))
    response = show(request, fault.status, fault.code, _(fault.sentence), bare=True)
    if fault.retry_after_s:
        response["Retry-After"] = str(fault.retry_after_s)
        if request.method == "GET" and not request.headers.get("HX-Request"):
            # Whoever sits before the page sees it come back without doing anything; a submit is never repeated by itself.
            response["Refresh"] = str(fault.retry_after_s)
    return response
