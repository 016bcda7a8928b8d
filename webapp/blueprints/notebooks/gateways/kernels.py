"""What the kernels and terminals of a notebook's server say of themselves."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any

from webapp.blueprints.notebooks.ports import Spawner
from webapp.blueprints.notebooks.services.door import TOKEN_PURPOSE, base_path
from webapp.blueprints.notebooks.services.keeping import Activity, Watched
from webapp.core.sealing import SealBroken, unseal

QUESTIONS = ("api/kernels", "api/terminals")
AT_WORK = frozenset({"busy", "starting", "restarting"})


def ask_kernels(spawner: Spawner, watched: Watched) -> Activity | None:
    """Whether a kernel of the notebook is at work, and when one or a terminal last was; None when it does not say.

    What comes back was made by people's own code: nothing of it is believed but states and moments. Raises EngineDown.
    """
    try:
        token = unseal(watched.token_sealed, purpose=TOKEN_PURPOSE) if watched.token_sealed else ""
    except SealBroken:
        return None
    found: list[Mapping[str, Any]] = []
    for path in QUESTIONS:
        answer = spawner.question(watched.slug, base_path(watched.slug) + path, port=watched.port, token=token)
        if answer is None or answer.status >= 500:
            return None
        if answer.status == 200:  # a server without terminals says 404
            found += _entries(answer.body)
    moments = [moment for each in found if (moment := _moment(each.get("last_activity")))]
    return Activity(any(str(each.get("execution_state")) in AT_WORK for each in found), max(moments, default=None))


def _entries(body: str) -> Iterator[Mapping[str, Any]]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return
    yield from (each for each in told if isinstance(each, dict)) if isinstance(told, list) else ()


def _moment(text: object) -> dt.datetime | None:
    """A moment that has passed; one of the future would keep the notebook awake for ever."""
    try:
        moment = dt.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    now = dt.datetime.now(dt.UTC)
    return min(moment, now) if moment.tzinfo else None
