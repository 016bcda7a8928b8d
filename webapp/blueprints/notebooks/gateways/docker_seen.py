"""What the engine lists, read as notebooks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from webapp.blueprints.notebooks.ports import Condition, Seen

NOTEBOOK_LABEL = "bottega.notebook"
ID_LABEL = "bottega.notebook.id"
GENERATION_LABEL = "bottega.generation"
CONDITIONS = {
    "running": Condition.RUNNING,
    "paused": Condition.PAUSED,
    "exited": Condition.DEAD,
    "dead": Condition.DEAD,
}
EXIT_CODE = re.compile(r"^Exited \((-?\d+)\)")


def half(seen: Seen) -> Seen:
    """Two containers of one notebook: neither is the right one."""
    return Seen(seen.name, seen.notebook_id, seen.generation, Condition.HALF, whole=False, words="two of one notebook")


def _number(labels: Mapping[str, str], name: str) -> int:
    text = labels.get(name, "")
    return int(text) if text.isdigit() else 0


def seen_container(container: Mapping[str, Any], networks: set[str]) -> Seen:
    """A container of a list as a notebook; `networks` are the ids of those that belong to notebooks."""
    labels = container["Labels"]
    attached = (container.get("NetworkSettings") or {}).get("Networks") or {}
    own = next((each for each in attached.values() if each.get("NetworkID") in networks), None)
    status = str(container.get("Status", ""))
    code = EXIT_CODE.match(status)
    return Seen(
        name=labels[NOTEBOOK_LABEL],
        notebook_id=_number(labels, ID_LABEL),
        generation=_number(labels, GENERATION_LABEL),
        condition=CONDITIONS.get(container["State"], Condition.HALF),
        engine_id=container["Id"],
        address=str((own or {}).get("IPAddress") or ""),
        exit_code=int(code[1]) if code else None,
        words=status,
        whole=own is not None,
    )


def seen_network(network: Mapping[str, Any]) -> Seen:
    """What is left of a notebook that has a network and no container."""
    labels = network["Labels"]
    return Seen(
        name=labels[NOTEBOOK_LABEL],
        notebook_id=_number(labels, ID_LABEL),
        generation=_number(labels, GENERATION_LABEL),
        condition=Condition.HALF,
        words="a network without its container",
    )
