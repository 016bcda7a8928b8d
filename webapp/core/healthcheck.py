"""Asks, from inside its container, whether a process lives: `healthcheck.py web | worker | …`; exit 1 when not.

It imports nothing of the application: a container is asked every few seconds.
"""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

SECONDS = 4
LONGEST_SILENCE = 60


def main(role: str) -> str | None:
    """None when it lives, else why it does not."""
    if role != "web":
        heart = Path(os.environ.get("BOTTEGA_HEARTS", "/tmp")) / f"bottega-{role}.alive"  # noqa: S108 - as in the image
        try:
            silence = time.time() - heart.stat().st_mtime
        except FileNotFoundError:
            return f"the {role} has not begun to work"
        return f"the {role} is silent for {silence:.0f} s" if silence > LONGEST_SILENCE else None
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz"
    try:
        with urllib.request.urlopen(address, timeout=SECONDS):
            return None
    except (urllib.error.URLError, OSError) as problem:
        return f"{address}: {problem}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "web"))
