"""The guard of this machine against its notebooks: rules of its firewall, put there where this process may do so."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess

from flask_babel import gettext as _

from webapp.blueprints.notebooks.settings import NotebookSettings
from webapp.core.settings import PROJECT

log = logging.getLogger(__name__)
SCRIPT = PROJECT / "deploy" / "notebook-guard"
SECONDS = 30


def needed(settings: NotebookSettings) -> bool:
    """Whether notebooks have a way to this machine: they do where its own processes reach them by their addresses."""
    here = not settings.docker_host or settings.docker_host.startswith("unix:")
    return settings.engine == "docker" and here and not settings.proxy


def keep_guard(settings: NotebookSettings, ports: tuple[int, ...] = ()) -> str:
    """Put the rules in place, again and again: a new start of Docker or of the firewall takes them away.

    `ports` of this machine stay open to notebooks. Returns what hinders it, in words; "" when all is well.
    """
    if not needed(settings):
        return ""
    if os.geteuid() or shutil.which("iptables") is None or not SCRIPT.exists():
        return str(
            _(
                "Notebooks can reach the ports of this machine: run “deploy/notebook-guard %(range)s” as root.",
                range=settings.subnets,
            )
        )
    done = subprocess.run(
        [str(SCRIPT), settings.subnets, *map(str, ports)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        log.error("the firewall takes no rules: %s", done.stderr.strip())
        return str(
            _("This machine's firewall takes no rules against its notebooks: %(reason)s", reason=done.stderr[:200])
        )
    return ""
