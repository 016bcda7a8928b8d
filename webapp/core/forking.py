"""What a process does before it makes copies of itself."""

from __future__ import annotations

import gc


def share_what_is_loaded() -> None:
    """Let what is loaded stay shared with the copies: their collectors do not write to it.

    Source: the note on `gc.freeze` in Python's documentation.
    """
    gc.collect()
    gc.freeze()
