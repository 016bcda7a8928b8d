"""What gunicorn is told beside its command line: log as the house does, share what is loaded, forget the figures of processes that ended."""

from __future__ import annotations

import os
from typing import Any

from webapp.core.forking import share_what_is_loaded
from webapp.core.logs import log_config
from webapp.core.settings import Settings

logconfig_dict = log_config(Settings.from_environment(os.environ))


def when_ready(_server: Any) -> None:
    """What was loaded before the processes fork stays shared: their collector does not write to it."""
    share_what_is_loaded()


def child_exit(_server: Any, worker: Any) -> None:
    """A process that is gone holds no connections any more."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # the library's
