"""The browser that the browser suite drives: Chromium on the path, Debian's when root may install it."""

from __future__ import annotations

import os
import shutil
import subprocess

from anlan.site.launcher.say import progress, step

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONTS = "fonts-noto-cjk"
"""Chinese letters: without them pages are laid out around empty boxes, and what the suite measures is not what people see."""
MISSING = "Chromium is missing. Install it (Debian: apt install chromium) to run the browser suite."


def chromium() -> str | None:
    """Path of a Chromium, or ``None``. ``ANLAN_CHROMIUM`` names one explicitly."""
    named = os.environ.get("ANLAN_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


def ensure_chromium() -> str | None:
    """As :func:`chromium`, after installing Debian's when it is missing and this is root; one plain line when it stays missing."""
    if (found := chromium()) is not None:
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Installing Debian's Chromium for the browser suite"):
            for command in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", "chromium", FONTS)):
                subprocess.run(
                    ["apt-get", *command],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                    check=False,
                )
    if (found := chromium()) is None:
        progress(MISSING)
    return found
