"""Bytes of an exhibit to a browser: streamed in blocks, in parts where asked (video players do), never guessed at."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified, StreamingHttpResponse

from anlan.ground.evidence import rules, store
from anlan.ground.evidence.models import Exhibit
from anlan.kernel.access import Classification

_BLOCK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def response(request: HttpRequest, exhibit: Exhibit) -> HttpResponseBase:
    """The exhibit as an answer with its own type, its name, and a tag by which a browser knows it again.

    Only types that cannot carry a script are shown in the page; all others are saved to disk. Raises ``Damaged``.
    """
    tag = f'"{exhibit.sha256}"'
    if request.headers.get("If-None-Match") == tag and exhibit.classification < Classification.SENSITIVE:
        return HttpResponseNotModified(headers={"ETag": tag})
    file = store.open_bytes(exhibit.sha256)
    wanted = _range(request.headers.get("Range", ""), exhibit.size)
    if wanted is None:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{exhibit.size}"})
    first, last = wanted
    partial = (first, last) != (0, exhibit.size - 1)
    answer = StreamingHttpResponse(_blocks(file, first, last, request), status=206 if partial else 200, content_type=_content_type(exhibit))
    answer["Content-Length"] = str(last - first + 1)
    if partial:
        answer["Content-Range"] = f"bytes {first}-{last}/{exhibit.size}"
    answer["Accept-Ranges"] = "bytes"
    answer["ETag"] = tag
    answer["Content-Disposition"] = _disposition(exhibit, request.GET.get("save") == "1")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    sensitive = exhibit.classification >= Classification.SENSITIVE
    answer["Cache-Control"] = "private, no-store" if sensitive else "private, no-cache"
    if exhibit.media_type == "application/pdf":
        # Browsers refuse to show a PDF inside a sandbox; the page's own policy still forbids everything else.
        answer["Content-Security-Policy"] = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"
    return answer


def _content_type(exhibit: Exhibit) -> str:
    if exhibit.media_type in ("text/html", "image/svg+xml", "text/xml"):
        # Saved, never opened by the browser as what it claims to be.
        return "application/octet-stream"
    return f"{exhibit.media_type}; charset=utf-8" if exhibit.media_type == "text/plain" else exhibit.media_type


def _disposition(exhibit: Exhibit, save: bool) -> str:
    row = rules.types().get(exhibit.media_type)
    how = "inline" if row is not None and row.inline and not save else "attachment"
    return f"{how}; filename*=UTF-8''{quote(exhibit.filename, safe='')}"


def _range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte asked for; the whole file without a (readable) header; ``None`` when it cannot be satisfied."""
    found = _RANGE.fullmatch(header.strip())
    if found is None or found.groups() == ("", ""):
        return 0, size - 1
    first_text, last_text = found.groups()
    if not first_text:
        return (max(size - int(last_text), 0), size - 1) if int(last_text) else None
    first = int(first_text)
    last = min(int(last_text), size - 1) if last_text else size - 1
    return (first, last) if first < size and first <= last else None


def _blocks(file: BinaryIO, first: int, last: int, request: HttpRequest) -> AsyncIterator[bytes] | Iterator[bytes]:
    """Blocks for the kind of server that runs: asynchronous ones would else read the whole file into memory."""
    return _async_blocks(file, first, last) if hasattr(request, "scope") else _sync_blocks(file, first, last)


def _sync_blocks(file: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (block := file.read(min(_BLOCK, left))):
            left -= len(block)
            yield block


async def _async_blocks(file: BinaryIO, first: int, last: int) -> AsyncIterator[bytes]:
    blocks = _sync_blocks(file, first, last)
    try:
        while (block := await asyncio.to_thread(next, blocks, b"")) != b"":
            yield block
    finally:
        file.close()
