"""Who is told: from roles to people. In which words they are told is none of this file's business."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from domain.process.roles import Role
from domain.time.spans import Span


@dataclass(frozen=True)
class Member:
    """One person of the staff. `offsets` are their own spans for personal moments, by moment code (AC-09, AC-16)."""

    short: str
    roles: frozenset[Role] = frozenset()
    offsets: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True)
class Roster:
    """The people who may be told about the tickets of a site."""

    members: tuple[Member, ...] = ()

    def knows(self, short: str) -> bool:
        """Whether somebody is here."""
        return any(member.short == short for member in self.members)

    def plays(self, short: str, role: Role) -> bool:
        """Whether somebody is here and has a role."""
        return any(member.short == short and role in member.roles for member in self.members)

    def in_roles(self, roles: Iterable[Role], owner: str | None, named: Collection[str] = ()) -> list[Member]:
        """Return who these roles are on a ticket of `owner`, and who is named besides.

        Without an owner their mail goes to dispatcher and pool. Nobody else is asked: a pool request reminds those who
        distribute, not everybody (AC-11, reading 10).
        """
        wanted = set(roles)
        if Role.OWNER in wanted and owner is None:
            wanted |= {Role.DISPATCHER, Role.POOL}
        return [
            member
            for member in self.members
            if wanted & member.roles or (Role.OWNER in wanted and member.short == owner) or member.short in named
        ]
