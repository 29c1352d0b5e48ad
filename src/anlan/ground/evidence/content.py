"""What a file is, decided by its bytes and never by its name or by what the browser said.

A small table of signatures instead of a general library: only types that may be evidence are recognised, containers (ZIP, OLE) are
opened and looked into, and everything else is refused with a reason.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from anlan.ground.evidence import rules

HEAD = 8192
"""Bytes of the beginning that decide."""

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x1aE\xdf\xa3", "video/x-matroska"),
    (0, b"\x00\x00\x01\xba", "video/mp2p"),
    (0, b"\x00\x00\x01\xb3", "video/mp2p"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"PAR1", "application/vnd.apache.parquet"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
# Major brands of the ISO base media format (ISO/IEC 14496-12); what is not listed is an MP4.
_BRANDS = {
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"mif1": "image/heic",
    b"msf1": "image/heic",
}
_EXECUTABLE = (
    (b"MZ", "Windows"),
    (b"\x7fELF", "Linux"),
    (b"\xfe\xed\xfa\xce", "macOS"),
    (b"\xfe\xed\xfa\xcf", "macOS"),
    (b"\xce\xfa\xed\xfe", "macOS"),
    (b"\xcf\xfa\xed\xfe", "macOS"),
    (b"\xca\xfe\xba\xbe", "Java"),
    (b"dex\n", "Android"),
    (b"\x00asm", "WebAssembly"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "Windows LNK"),
)
_NOT_INSPECTABLE = ((b"Rar!\x1a\x07", "RAR"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"\x1f\x8b", "GZIP"), (b"\xfd7zXZ\x00", "XZ"))
_EXECUTABLE_ENDINGS = frozenset(
    [
        "exe",
        "dll",
        "com",
        "scr",
        "pif",
        "msi",
        "msp",
        "bat",
        "cmd",
        "ps1",
        "vbs",
        "vbe",
        "js",
        "jse",
        "wsf",
        "wsh",
        "hta",
        "cpl",
        "jar",
        "apk",
        "ipa",
        "app",
        "sh",
        "lnk",
        "reg",
        "docm",
        "xlsm",
        "pptm",
    ]
)
_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
)
_MARKUP = re.compile(rb"^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*(?:<!doctype\s+(\w+)|<([a-z][\w:-]*))", re.I | re.S)


def media_type(path: Path, filename: str) -> str:
    """Media type of the file at ``path``. ``filename`` serves the sentences only.

    Raises ``Executable``, ``NotInspectable`` or ``TypeNotAccepted``.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    _refuse_programs(head, filename)
    found = _by_signature(head) or _by_container(path, head, filename) or _text(path, head)
    if found is None:
        raise rules.TypeNotAccepted(filename=filename, known=rules.known_endings())
    return found


def _refuse_programs(head: bytes, filename: str) -> None:
    for signature, system in _EXECUTABLE:
        if head.startswith(signature):
            raise rules.Executable(filename=filename, found=system)
    if head.startswith(b"#!") and not head.startswith(b"#!AMR"):
        raise rules.Executable(filename=filename, found="script")
    for signature, name in _NOT_INSPECTABLE:
        if head.startswith(signature):
            raise rules.NotInspectable(filename=filename, found=name)
    if filename.rpartition(".")[2].lower() in _EXECUTABLE_ENDINGS:
        raise rules.Executable(filename=filename, found=filename.rpartition(".")[2].lower())


def _by_signature(head: bytes) -> str | None:
    for offset, signature, name in _SIGNATURES:
        if head.startswith(signature, offset):
            return name
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return "video/3gpp" if brand.startswith((b"3gp", b"3g2")) else _BRANDS.get(brand, "video/mp4")
    if head[:2] == b"BM" and len(head) > 14 and head[6:10] == b"\x00\x00\x00\x00":
        return "image/bmp"
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[2] & 0xF0 not in (0x00, 0xF0):
        return "audio/mpeg"
    return None


def _by_container(path: Path, head: bytes, filename: str) -> str | None:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(path, filename)
    if head.startswith(_OLE):
        return _ole(path, filename)
    return None


def _zip(path: Path, filename: str) -> str:
    """Look into a ZIP: an office or OFD document, or a plain archive without programs."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        raise rules.NotInspectable(filename=filename, found="ZIP") from None
    if any(member.flag_bits & 0x1 for member in members):
        raise rules.NotInspectable(filename=filename, found="ZIP")
    names = [member.filename for member in members]
    for name in names:
        if name.rpartition(".")[2].lower() in _EXECUTABLE_ENDINGS or name.endswith(("vbaProject.bin", "classes.dex")):
            raise rules.Executable(filename=filename, found=name[-60:])
    if "META-INF/MANIFEST.MF" in names:
        raise rules.Executable(filename=filename, found="Java")
    if "OFD.xml" in names:
        return "application/ofd"
    if "[Content_Types].xml" in names:
        for folder, name in _OFFICE.items():
            if any(member.startswith(folder) for member in names):
                return name
    return "application/zip"


def _ole(path: Path, filename: str) -> str | None:
    """Look for the streams of the office formats of 1997; macros and installers (also OLE) are refused."""
    content = path.read_bytes()
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise rules.Executable(filename=filename, found="VBA")
    for stream, name in _OLE_STREAMS:
        if stream.encode("utf-16-le") in content:
            return name
    return None


def _text(path: Path, head: bytes) -> str | None:
    """Text in UTF-8 (with or without mark) or GB 18030 without control characters; mark-up is told apart from plain text."""
    if not head or not _is_text(path):
        return None
    found = _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf"))
    if found is None:
        lowered = head.lower()
        return "text/html" if b"<script" in lowered or b"<html" in lowered else "text/plain"
    name = (found.group(1) or found.group(2)).lower()
    if name == b"svg" or name.endswith(b":svg"):
        return "image/svg+xml"
    if name in (b"html", b"head", b"body", b"script", b"meta", b"table", b"div", b"p", b"iframe", b"img", b"a", b"style"):
        return "text/html"
    return "text/xml" if b"<?xml" in head[:200] or b"xmlns" in head else "text/html"


def _is_text(path: Path) -> bool:
    for encoding in ("utf-8", "gb18030"):
        try:
            with path.open("r", encoding=encoding, newline="") as lines:
                while block := lines.read(1 << 20):
                    if any(ord(character) < 32 and character not in "\t\r\n\f" for character in block):
                        return False
        except UnicodeDecodeError:
            continue
        return True
    return False
