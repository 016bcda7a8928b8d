"""Celery, which carries the ids of tasks to workers: through folders, RabbitMQ or Redis, by BROKER_URL alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery import Celery
from flask import Flask
from kombu.exceptions import ChannelError, OperationalError

from webapp.blueprints.tasks.gateways.folders import FOLDERS
from webapp.blueprints.tasks.ports import CarrierDown
from webapp.core.settings import Settings

EXECUTE = "bottega.execute"
PATIENCE = 3  # seconds that a page may wait for a broker that does not answer
AT_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0}  # of a sender; a worker tries for ever


def set_up_carrier(app: Flask) -> None:
    """Give the application its carrier. Connects to nothing."""
    app.extensions["task_carrier"] = CeleryCarrier(app.extensions["settings"])


class CeleryCarrier:
    """Sends ids through Celery's broker."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._celery: Celery | None = None

    def send(self, task_id: int, queue: str) -> None:
        """Hand a task's id to the broker. Raises CarrierDown within a few seconds."""
        if self._celery is None:
            self._celery = make_celery(self.settings)
            self._celery.conf.broker_transport_options |= AT_ONCE
        try:
            self._celery.send_task(EXECUTE, args=[task_id], queue=queue, retry=False, ignore_result=True)
        except (OperationalError, ChannelError, OSError) as error:
            raise CarrierDown(f"the broker does not answer ({type(error).__name__}: {error})") from error

    def check(self) -> None:
        """Raise CarrierDown unless the broker takes a connection within a few seconds."""
        if self._celery is None:
            self._celery = make_celery(self.settings)
        try:
            with self._celery.connection_for_write() as connection:
                connection.ensure_connection(max_retries=1, interval_start=0.2, timeout=PATIENCE)
        except (OperationalError, OSError) as error:
            raise CarrierDown(f"the broker does not answer ({type(error).__name__}: {error})") from error


def make_celery(settings: Settings) -> Celery:
    """The Celery application: it moves messages and replaces processes, the rows of the room do the rest."""
    celery = Celery("bottega", set_as_current=False)
    celery.conf.update(
        broker_url=FOLDERS if settings.broker_url.startswith("filesystem") else settings.broker_url,
        broker_transport_options=_transport_options(settings),
        broker_connection_timeout=PATIENCE,
        broker_connection_retry=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_default_queue="default",
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_lost_wait=1.0,  # the row is the truth: no need to wait for a dead process's last word
        worker_max_tasks_per_child=500,
        worker_cancel_long_running_tasks_on_connection_loss=False,
    )
    return celery


def _transport_options(settings: Settings) -> dict[str, Any]:
    if settings.broker_url.startswith("filesystem"):
        folder = broker_folder(settings)
        for name in ("queue", "processed", "control"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        return {
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "processed_folder": str(folder / "processed"),
            "control_folder": str(folder / "control"),
            "store_processed": True,  # else a message is moved through the system's own temporary folder: not atomic
            "polling_interval": 0.1,
        }
    if settings.broker_url.startswith("redis"):
        return {"socket_connect_timeout": PATIENCE, "socket_timeout": 30, "socket_keepalive": True}
    return {"connect_timeout": PATIENCE, "confirm_publish": True}


def broker_folder(settings: Settings) -> Path:
    """Where the messages of the filesystem broker lie."""
    return settings.instance / "broker"
