"""What a Docker Engine lists, as the house sees it: the labels on its things, and what they tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from webapp.blueprints.notebooks.ports import Condition, Seen

NOTEBOOK_LABEL = "bottega.notebook"
ID_LABEL = "bottega.notebook.id"
GENERATION_LABEL = "bottega.generation"
EXIT_CODE = re.compile(r"^Exited \((-?\d+)\)")
CONDITIONS = {
    "running": Condition.RUNNING,
    "paused": Condition.PAUSED,
    "exited": Condition.DEAD,
    "dead": Condition.DEAD,
}


def half(seen: Seen) -> Seen:
    """More than one container of one notebook: nothing that can be kept."""
    return Seen(seen.name, seen.notebook_id, seen.generation, Condition.HALF, whole=False, words="two of one notebook")


def number(labels: Mapping[str, str], name: str) -> int:
    """The number on a label, 0 for none."""
    text = labels.get(name, "")
    return int(text) if text.isdigit() else 0


def seen_container(container: Mapping[str, Any], networks: set[str]) -> Seen:
    """A container of the list, as the house sees it; `networks` are those that belong to notebooks."""
    labels = container["Labels"]
    attached = (container.get("NetworkSettings") or {}).get("Networks") or {}
    own = next((each for each in attached.values() if each.get("NetworkID") in networks), None)
    status = str(container.get("Status", ""))
    code = EXIT_CODE.match(status)
    return Seen(
        name=labels[NOTEBOOK_LABEL],
        notebook_id=number(labels, ID_LABEL),
        generation=number(labels, GENERATION_LABEL),
        condition=CONDITIONS.get(container["State"], Condition.HALF),
        engine_id=container["Id"],
        address=str((own or {}).get("IPAddress") or ""),
        exit_code=int(code[1]) if code else None,
        words=status,
        whole=own is not None,
    )


def seen_network(network: Mapping[str, Any]) -> Seen:
    """A network that has no container."""
    labels = network["Labels"]
    return Seen(
        name=labels[NOTEBOOK_LABEL],
        notebook_id=number(labels, ID_LABEL),
        generation=number(labels, GENERATION_LABEL),
        condition=Condition.HALF,
        words="a network without its container",
    )
