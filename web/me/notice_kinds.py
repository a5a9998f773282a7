"""The kinds of notices there are for somebody: what each is called, when it comes, and what they chose.

Reads the newest definitions, the lists of the person's site, and what the administration decided.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from babel import Locale
from sqlmodel import Session, select

from activities.ledger.context import digests_of, process_of
from activities.mail.digest_facts import RETURN
from domain.process.definition import (
    PASSED,
    PHASE_ENTERED,
    REJECTED,
    SUBMITTED,
    Anchor,
    MomentRule,
    ProcessDefinition,
    Verb,
)
from domain.process.roles import OF_A_TICKET
from domain.staff.digests import Content, Digest, Weekday
from domain.time.spans import FORWARDS_ONLY, Clock
from domain.words.wording import fact_words, span_words
from models.tables import Channel, NoticeLockRow, OptInRow, PersonRow
from web.shell import directory
from web.shell.translations import N_, Words

_CHANNELS = {Verb.MAIL: Channel.MAIL, Verb.POP_UP: Channel.POP_UP}
_EVENTS = {
    Anchor.OPENED: N_("Receipt"),
    Anchor.ASSIGNED: N_("Assignment"),
    Anchor.REDISTRIBUTED: N_("Redistribution"),
    Anchor.FOLLOW_UP: N_("Follow-up"),
    Anchor.PARTNER: N_("Partner chosen"),
    Anchor.POINT: N_("Deadline of the open point"),
    Anchor.TASK: N_("Task posted"),
}
_AT_GATES = {SUBMITTED: "handover_submitted", REJECTED: "handover_rejected", PASSED: "handover_accepted"}
_WEEK = tuple(Weekday)


@dataclass(frozen=True)
class Switch:
    """One kind of notice through one channel: whether it is on, and whether the administration decided that."""

    kind: str
    channel: Channel
    on: bool
    chosen: bool = False
    locked: bool = False

    @property
    def name(self) -> str:
        """The name of its field."""
        return f"{self.kind}:{self.channel}"


@dataclass(frozen=True)
class Kind:
    """A kind of notice. `anchors` are the names under which its mails are known; the page can be opened at them."""

    code: str
    title: str
    when: str
    switches: tuple[Switch, ...]
    anchors: tuple[str, ...] = ()

    @property
    def locked(self) -> bool:
        """Whether nothing of it can be changed."""
        return all(switch.locked for switch in self.switches)


@dataclass(frozen=True)
class Group:
    """The kinds of a process, or of several that share them. `reaches` is False for what others get."""

    title: str
    kinds: tuple[Kind, ...]
    reaches: bool = True

    @property
    def is_long(self) -> bool:
        """Whether it is better folded up."""
        return len(self.kinds) > _LONG or not self.reaches


_LONG = 12


def switches(groups: list[Group]) -> Iterator[Switch]:
    """Yield every switch that the person may set themselves."""
    for group in groups:
        for kind in group.kinds:
            yield from (switch for switch in kind.switches if not switch.locked)


def groups(session: Session, person: PersonRow, words: Words) -> list[Group]:
    """Return the kinds of notices, those of the lists first, those that only a deputy gets last."""
    reading = _Reading(session, person, words)
    lists = [reading.listed(digest) for digest in digests_of(session, person.site) if _is_for(digest, person)]
    found = [Group(words(N_("Lists")), tuple(kind for kind in lists if kind.switches))]
    processes = [process_of(session, row.id or 0) for row in directory.definitions(session)]
    mine: dict[str, list[Kind]] = {}
    others: list[Kind] = []
    named: set[str] = set()
    for process in processes:
        for rule in process.moments:
            shared = sum(rule.code in one.by_code for one in processes) > 1
            kind = reading.told(process, rule, named)
            if kind is None:
                continue
            if set(rule.to) & (OF_A_TICKET | set(person.roles)):
                title = words(N_("In several processes")) if shared else process.title[words.language]
                mine.setdefault(title, []).append(kind)
            else:
                others.append(kind)
    found += [Group(title, tuple(kinds)) for title, kinds in mine.items()]
    found.append(Group(words(N_("Only when you stand in for somebody")), tuple(others), reaches=False))
    return [group for group in found if group.kinds]


def _is_for(digest: Digest, person: PersonRow) -> bool:
    return digest.content in {Content.DUE, Content.UNWORKED} or bool(set(digest.to) & set(person.roles))


class _Reading:
    """Reads the kinds for one person."""

    def __init__(self, session: Session, person: PersonRow, words: Words) -> None:
        self._words = words
        self._chosen = _choices(session, person.short)
        self._locks = {(row.kind, row.channel): row.on for row in session.execute(select(NoticeLockRow)).scalars()}
        self._seen: set[str] = set()

    def told(self, process: ProcessDefinition, rule: MomentRule, named: set[str]) -> Kind | None:
        """Return a rule's kind; None where it tells nobody, has no switch, or another process had it already."""
        does = {action.verb for action in rule.does}
        channels = tuple(channel for verb, channel in _CHANNELS.items() if verb in does)
        found = self._switches(rule.code, channels, rule.optional)
        if not found or rule.code in self._seen:
            return None
        self._seen.add(rule.code)
        mails = {action.argument for action in rule.does if action.verb is Verb.MAIL and action.argument}
        anchors = tuple(sorted(mails - named - set(process.by_code)))
        named |= mails
        return Kind(rule.code, rule.title[self._words.language], self._when(process, rule), found, anchors)

    def listed(self, digest: Digest) -> Kind:
        """Return a list's kind; the list after an absence is the same one."""
        words = self._words
        names = Locale.parse(words.language).days["stand-alone"]["abbreviated"]
        days = ", ".join(names[_WEEK.index(day)] for day in digest.weekdays)
        when = words(N_("Comes %(days)s at %(at)s, unless it is empty."), days=days, at=f"{digest.at:%H:%M}")
        found = self._switches(digest.code, (Channel.MAIL,), digest.optional or None)
        anchors = (RETURN,) if digest.content is Content.DUE else ()
        return Kind(digest.code, digest.title[words.language], when, found, anchors)

    def _switches(self, code: str, channels: tuple[Channel, ...], optional: bool | None) -> tuple[Switch, ...]:
        """Return a switch per channel; of a kind that people cannot decline, only what was decided about it."""
        found = []
        for channel in channels:
            locked, chosen = self._locks.get((code, channel)), self._chosen.get((code, channel))
            if locked is not None:
                found.append(Switch(code, channel, locked, locked=True))
            elif optional is not None:
                on = optional if chosen is None else chosen
                found.append(Switch(code, channel, on, chosen=chosen is not None))
        return tuple(found)

    def _when(self, process: ProcessDefinition, rule: MomentRule) -> str:
        """Return in one sentence when it comes."""
        words = self._words
        anchors = [_anchor(process, anchor, words) for anchor in rule.anchors]
        events = words(N_(" or ")).join(words(N_("“%(name)s”"), name=name) for name in anchors)
        if rule.span is None:
            return words(N_("Comes before %(events)s, as long before as you say below."), events=events)
        span = span_words(rule.span, words.language)
        if rule.repeats:
            return words(N_("Comes %(span)s after %(events)s, and again after as long."), span=span, events=events)
        if rule.backwards:
            return words(N_("Comes %(span)s before %(events)s."), span=span, events=events)
        if not rule.span.time and not rule.span.days and rule.span.clock not in FORWARDS_ONLY:
            return words(N_("Comes at once: %(events)s."), events=events)
        if rule.span.clock is Clock.SAME_DAY:
            return words(N_("Comes %(span)s as %(events)s."), span=span, events=events)
        return words(N_("Comes %(span)s after %(events)s."), span=span, events=events)


def _anchor(process: ProcessDefinition, anchor: str, words: Words) -> str:
    """Return what people call the event that a rule counts from."""
    titles: Mapping[str, str] = {
        **{key: words(title) for key, title in _EVENTS.items()},
        **{key: one.title[words.language] for key, one in process.milestones.items()},
        **{f"{PHASE_ENTERED}{key}": one.title[words.language] for key, one in process.phases.items()},
        **{rule.code: rule.title[words.language] for rule in process.moments},
        **{
            f"{step}{key}": f"{gate.title[words.language]} ({fact_words(code, words.language)})"
            for step, code in _AT_GATES.items()
            for key, gate in process.gates.items()
        },
    }
    return titles.get(anchor, anchor)


def _choices(session: Session, person: str) -> dict[tuple[str, str], bool]:
    """Return the personal switches somebody has set, by kind and channel."""
    rows: Iterable[OptInRow] = session.execute(select(OptInRow).where(OptInRow.person == person)).scalars()
    return {(row.kind, row.channel): row.on for row in rows}
