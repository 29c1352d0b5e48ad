"""Fetching by addresses that others gave us: outward only, whatever names and redirects say."""

import httpx
import pytest

from anlan.desk import fetching
from anlan.wire.feeds.inward import LeadsInward

PUBLIC = "93.184.215.14"


def get(url, answers, *, resolver=lambda host, port: [PUBLIC], **named):
    """Fetch with canned answers by path; what was asked is kept in ``asked``."""
    asked = []

    def answer(request):
        asked.append((request.url.host, request.headers["Host"], request.extensions.get("sni_hostname")))
        return answers[request.url.path]

    return fetching.fetch(url, resolver=resolver, transport=httpx.MockTransport(answer), **named), asked


def test_the_connection_goes_to_the_address_that_was_judged_and_names_the_host():
    found, asked = get("https://cap.example.org/feed", {"/feed": httpx.Response(200, content=b"x", headers={"ETag": '"1"'})})
    assert (found.data, found.etag) == (b"x", '"1"')
    assert asked == [(PUBLIC, "cap.example.org", "cap.example.org")]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://localhost/x", "http://169.254.169.254/latest", "http://[::1]/", "ftp://a.example/", "http://0x7f.1/"],
)
def test_an_address_that_leads_inward_is_not_asked(url):
    with pytest.raises(fetching.Refusal):
        get(url, {})


@pytest.mark.parametrize("inner", ["127.0.0.1", "10.0.0.8", "192.168.1.1", "169.254.169.254", "::1", "fd00::1"])
def test_a_public_name_of_an_inner_address_is_not_asked(inner):
    with pytest.raises(LeadsInward):
        get("http://rebind.example.org/", {}, resolver=lambda host, port: [PUBLIC, inner])


@pytest.mark.parametrize("there", ["http://127.0.0.1/", "http://10.1.2.3/feed", "//localhost/feed", "file:///etc/passwd"])
def test_a_redirect_inward_is_refused(there):
    with pytest.raises(fetching.Refusal) as refused:
        get("http://cap.example.org/a", {"/a": httpx.Response(302, headers={"Location": there})})
    assert refused.value.code.startswith("link_")


def test_a_redirect_to_a_name_that_leads_inward_is_refused():
    with pytest.raises(LeadsInward):
        get(
            "http://cap.example.org/a",
            {"/a": httpx.Response(302, headers={"Location": "http://other.example.org/b"})},
            resolver=lambda host, port: ["10.0.0.1"] if host == "other.example.org" else [PUBLIC],
        )


def test_redirects_are_followed_a_few_times_and_never_out_of_encryption():
    found, _asked = get(
        "http://a.example.org/1", {"/1": httpx.Response(301, headers={"Location": "/2"}), "/2": httpx.Response(200, content=b"y")}
    )
    assert found.data == b"y"
    with pytest.raises(fetching.FetchFailed):
        get("http://a.example.org/1", {"/1": httpx.Response(301, headers={"Location": "/1"})})
    with pytest.raises(fetching.FetchFailed):
        get("https://a.example.org/1", {"/1": httpx.Response(301, headers={"Location": "http://a.example.org/1"})})


def test_too_much_is_cut_off_and_an_error_is_told():
    with pytest.raises(fetching.FetchFailed):
        get("http://a.example.org/", {"/": httpx.Response(200, content=b"x" * 101)}, most_bytes=100)
    with pytest.raises(fetching.FetchFailed) as refused:
        get("http://a.example.org/", {"/": httpx.Response(500)})
    assert refused.value.facts["why"] == "HTTP 500"


def test_what_has_not_changed_costs_nothing():
    found, _asked = get("http://a.example.org/", {"/": httpx.Response(304)}, etag='"1"')
    assert found.unchanged


def test_an_inner_host_is_asked_where_an_administrator_admits_it():
    found, _asked = get(
        "http://cap.intranet/", {"/": httpx.Response(200, content=b"z")}, admitted=("cap.intranet",), resolver=lambda h, p: ["10.0.0.9"]
    )
    assert found.data == b"z"
