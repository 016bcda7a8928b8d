"""Rooms come and go: the folders of a new one, and the way out of an old one."""

from webapp.core.scaffold.layout import add_room, lay_out
from webapp.core.scaffold.removal import Removal, remove_room
from webapp.core.scaffold.tidy import tidy

__all__ = ["Removal", "add_room", "lay_out", "remove_room", "tidy"]
