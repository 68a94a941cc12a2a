"""Where the browser tests find a Chromium. Run as a script it installs Debian's when there is none and the machine allows it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
HOW = "The browser tests need Chromium. Install it (Debian: apt-get install chromium; Fedora: dnf install chromium; macOS: brew install --cask chromium), "
HOW += "or name one you have in the environment variable CHROMIUM."


def find_chromium() -> str | None:
    """Path of a Chromium or Chrome, or None: the variable CHROMIUM first, then the search path."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if os.access(named, os.X_OK) else None
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def main() -> int:
    """0 when there is a browser at the end."""
    if find_chromium() is None and shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], check=False)
    if find_chromium() is None:
        print(HOW, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
