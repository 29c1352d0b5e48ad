"""The checkout's virtual environment: made once from the lock files, every package checked by its hash.

Order: ``venv`` with pip → pip installs uv as locked → uv installs the rest (pip when uv fails) → reference data without its
dependencies → the project itself, editable. A stamp remembers what was installed, so that the next call does nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from anlan.site.launcher.say import Trouble, explain_output, progress, step

RUNTIME_LOCK = "requirements.lock"
DEVELOPMENT_LOCK = "requirements-dev.lock"
DATA_LOCK = "requirements-data.lock"
# Measured: 1.2 GB installed; as much again while the tool's download cache is filled.
NEEDED_BYTES = 2_500_000_000


def ensure(root: Path, *, development: bool) -> Path:
    """Return the environment's Python after installing what the locks name; ``Trouble`` says what stands in the way."""
    environment = root / ".venv"
    python = environment / "bin" / "python"
    if _is_current(root, python, development):
        return python
    if not os.access(root, os.W_OK):
        raise Trouble(
            f"No permission to write in {root}: the Python environment is made there. Give this user the right, or use an own copy."
        )
    folder = root / ".anlan"
    folder.mkdir(exist_ok=True)
    with _only_one(folder / "setup.lock"):
        if _is_current(root, python, development):
            return python
        _install(root, environment, development, folder / "setup.log")
    return python


def _stamp_file(root: Path) -> Path:
    return root / ".venv" / "anlan-installed.json"


def _wanted(root: Path, development: bool) -> dict[str, str]:
    names = [RUNTIME_LOCK, DATA_LOCK, *([DEVELOPMENT_LOCK] if development else [])]
    wanted = {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in names}
    return {**wanted, "place": str(root), "project": hashlib.sha256((root / "pyproject.toml").read_bytes()).hexdigest()}


def _installed(root: Path) -> dict[str, str]:
    try:
        return dict(json.loads(_stamp_file(root).read_text()))
    except (OSError, ValueError):
        return {}


def _is_current(root: Path, python: Path, development: bool) -> bool:
    installed = _installed(root)
    return python.exists() and all(installed.get(key) == value for key, value in _wanted(root, development).items())


@contextlib.contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Two commands at once in a fresh checkout: the second waits for the first."""
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with step("Waiting for another anlan command that is installing"):
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _install(root: Path, environment: Path, development: bool, log: Path) -> None:
    python = environment / "bin" / "python"
    free = shutil.disk_usage(root).free
    installed = _installed(root)
    if not installed and free < NEEDED_BYTES:
        raise Trouble(
            f"Only {free / 1e9:.1f} GB are free on the disk of {root}; installing needs {NEEDED_BYTES / 1e9:.1f} GB. Free some space."
        )
    log.write_text("")
    if installed.get("place", str(root)) != str(root) or not _works(python):
        with step("Making the Python environment"):
            base = getattr(sys, "_base_executable", sys.executable)
            _run([base, "-I", "-m", "venv", "--clear", str(environment)], "Making the Python environment", log)
    lock = root / (DEVELOPMENT_LOCK if development or installed.get(DEVELOPMENT_LOCK) else RUNTIME_LOCK)
    count = len(re.findall(r"^[A-Za-z0-9]", lock.read_text(), re.MULTILINE))
    with step(f"Installing {count} Python packages"):
        _install_locked(python, root, lock, log)
    progress("Python packages are ready")
    wanted = _wanted(root, lock.name == DEVELOPMENT_LOCK)
    _stamp_file(root).write_text(json.dumps(wanted, indent=1))


def _works(python: Path) -> bool:
    if not python.exists():
        return False
    return subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def _install_locked(python: Path, root: Path, lock: Path, log: Path) -> None:
    """uv is some ten times as fast as pip; when it cannot be used (an index it does not understand), pip does the same."""
    uv = [str(python.parent / "uv"), "pip", "install", "--python", str(python)]
    pip = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    steps = (
        ["--require-hashes", "-r", str(lock)],
        ["--require-hashes", "--no-deps", "-r", str(root / DATA_LOCK)],
        ["--no-deps", "--no-build-isolation", "-e", str(root)],
    )
    if not (python.parent / "uv").exists():
        with tempfile.NamedTemporaryFile("w", suffix=".lock") as only_uv:
            only_uv.write(locked_lines(lock.read_text(), "uv"))
            only_uv.flush()
            _run([*pip, "--require-hashes", "--no-deps", "-r", only_uv.name], "Installing the package installer", log)
    settings = _pip_settings(python)
    tool, extra = uv, _uv_environment(settings)
    for arguments in steps:
        failed = _attempt([*tool, *arguments], extra, log)
        if failed is not None and tool is uv:
            progress("  … the fast installer failed, trying pip")
            tool, extra = pip, {}
            failed = _attempt([*tool, *arguments], extra, log)
        if failed is not None:
            raise Trouble(explain_output(failed, "Installing Python packages", log))


def locked_lines(lock: str, package: str) -> str:
    """The one package's requirement with its hashes, as it stands in a lock file."""
    found = re.search(rf"^{re.escape(package)}==.*?(?=^[A-Za-z0-9]|\Z)", lock, re.MULTILINE | re.DOTALL)
    if found is None:
        raise Trouble(f"The lock file does not name {package}; fetch the project again.")
    return found.group(0)


def _pip_settings(python: Path) -> dict[str, str]:
    """What the user's pip configuration says (index, mirror, certificate), so that uv asks the same places."""
    listed = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False).stdout
    settings: dict[str, str] = {}
    for text in listed.splitlines():
        key, separator, value = text.partition("=")
        if separator:
            name = key.rsplit(".", 1)[-1]
            # pip lists in order of precedence: configuration files first, the environment last.
            settings[name] = value.strip().strip("'\"")
    return settings


def _uv_environment(settings: dict[str, str]) -> dict[str, str]:
    environment: dict[str, str] = {}
    # Every file is checked by hash, so taking the best match from any configured index is safe.
    for name, variable in (("index-url", "UV_DEFAULT_INDEX"), ("extra-index-url", "UV_INDEX"), ("cert", "SSL_CERT_FILE")):
        if settings.get(name):
            environment[variable] = settings[name].replace("\\n", " ")
    if settings.get("find-links"):
        environment["UV_FIND_LINKS"] = ",".join(settings["find-links"].replace("\\n", " ").split())
    if settings.get("trusted-host"):
        environment["UV_INSECURE_HOST"] = settings["trusted-host"].replace("\\n", " ")
    environment["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    environment["UV_HTTP_TIMEOUT"] = settings.get("default-timeout") or settings.get("timeout") or "120"
    return {key: value for key, value in environment.items() if key not in os.environ}


def _environment(extra: dict[str, str]) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_USER"}}
    home = Path(kept.get("HOME") or "/nonexistent")
    if not os.access(home, os.W_OK):
        # A service account without a home folder: keep the download cache beside the environment.
        extra = {"UV_CACHE_DIR": str(Path(__file__).resolve().parents[4] / ".anlan" / "uv-cache"), **extra}
    return {**kept, **extra, "UV_NO_PROGRESS": "1", "UV_NO_CONFIG": kept.get("UV_NO_CONFIG", "0")}


def _attempt(command: list[str], extra: dict[str, str], log: Path) -> str | None:
    """Run one tool with its words in the log; ``None`` when it succeeded, else what it said."""
    done = subprocess.run(
        command, env=_environment(extra), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    with log.open("a") as handle:
        handle.write(f"$ {' '.join(command)}\n{done.stdout}\n")
    return None if done.returncode == 0 else done.stdout


def _run(command: list[str], doing: str, log: Path) -> None:
    said = _attempt(command, {}, log)
    if said is not None:
        raise Trouble(explain_output(said, doing, log))
