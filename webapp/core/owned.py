"""Records that belong to somebody: the person who looks after one, and the group it lies in."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.security import Actor


class Owned:
    """A record of a person and a group; None is nobody in particular: then only who reaches all records sees it.

    Plain numbers, no foreign keys: the rooms below the one that knows people must open without it.
    """

    owner_id: Mapped[int | None] = mapped_column(index=True, sort_order=88)
    group_id: Mapped[int | None] = mapped_column(index=True, sort_order=89)

    def give_to(self, actor: Actor) -> None:
        """Make it the actor's own, in their first group. The house itself owns nothing."""
        self.owner_id = actor.user_id
        self.group_id = actor.home_group
