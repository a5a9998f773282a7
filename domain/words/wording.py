"""The sentences that every surface shares, in German and English: instants, durations, reasons why, refusals."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.ticket.moments import Why
from domain.time.calendar import Segment
from domain.time.spans import FORWARDS_ONLY, Clock, Span
from domain.words import words_of_customers, words_of_imports, words_of_tickets

LANGUAGES = ("de", "en")

_DAYS = {"de": ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"], "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]}

_ANCHORS = {
    "received": {"de": "Eingang", "en": "receipt"},
    "opened": {"de": "Eingang", "en": "receipt"},
    "assigned": {"de": "Zuweisung", "en": "assignment"},
    "redistributed": {"de": "Umverteilung", "en": "redistribution"},
    "follow_up": {"de": "Wiedervorlage", "en": "follow-up"},
    "partner": {"de": "Partner gewählt", "en": "partner chosen"},
    "open_point": {"de": "Frist des offenen Punkts", "en": "deadline of the open point"},
    "open_task": {"de": "Aufgabe eingestellt", "en": "task posted"},
}

_CLOCKS = {
    Clock.BUSINESS_HOURS: {"de": "Geschäftszeit", "en": "business time"},
    Clock.WORKING_DAYS: {"de": "Arbeitstage", "en": "working days"},
    Clock.CALENDAR_DAYS: {"de": "Kalendertage", "en": "calendar days"},
    Clock.WALL: {"de": "Uhrzeit", "en": "clock time"},
}

_ONE_DAY = {
    Clock.WORKING_DAYS: {"de": "1 Arbeitstag", "en": "1 working day"},
    Clock.CALENDAR_DAYS: {"de": "1 Kalendertag", "en": "1 calendar day"},
}

_REFUSALS = {**words_of_tickets.REFUSALS, **words_of_customers.REFUSALS, **words_of_imports.REFUSALS}
_WHAT = {**words_of_tickets.WHAT, **words_of_customers.WHAT}


def instant(at: datetime, language: str, zone: ZoneInfo) -> str:
    """Return an instant in site time, "Mi 03.03.2027 10:00"; the second 02:30 of a clock change names its offset."""
    local = at.astimezone(zone)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{_DAYS[language][local.weekday()]} {local:%d.%m.%Y %H:%M}{f' {local.tzname()}' if twice else ''}"


def short_instant(at: datetime, language: str, zone: ZoneInfo) -> str:
    """Return weekday and time in site time, "Mi 10:00"."""
    local = at.astimezone(zone)
    return f"{_DAYS[language][local.weekday()]} {local:%H:%M}"


def day(at: datetime, language: str, zone: ZoneInfo) -> str:
    """Return a date in site time, "Mi 03.03.2027"."""
    local = at.astimezone(zone)
    return f"{_DAYS[language][local.weekday()]} {local:%d.%m.%Y}"


def short_day(at: datetime, language: str, zone: ZoneInfo) -> str:
    """Return weekday, day and month in site time, "Mi 03.03."."""
    return day(at, language, zone)[:-4]


def duration(span: timedelta, language: str) -> str:
    """Return at most two units of a span of hours, "1 h 10 min"; the sign is the caller's to say."""
    seconds = abs(int(span.total_seconds()))
    hours, minutes = divmod(seconds // 60, 60)
    if not hours and not minutes:
        return {"de": "unter 1 min", "en": "less than 1 min"}[language] if seconds else "0 min"
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join(part for part in parts if part)


def span_words(span: Span, language: str) -> str:
    """Return a span with its clock, "1 h 30 min Geschäftszeit"."""
    if span.clock is Clock.SAME_DAY:
        return {"de": "am selben Tag", "en": "the same day"}[language]
    if span.clock is Clock.WORKING_WEEKS:
        return _week_words(span.days // 7, language)
    if span.days == 1:
        return _ONE_DAY[span.clock][language]
    amount = str(span.days) if span.days else duration(span.time, language)
    return f"{amount} {_CLOCKS[span.clock][language]}"


def _week_words(weeks: int, language: str) -> str:
    """Return which week's last working day is meant."""
    if weeks == 0:
        return {"de": "bis zum Ende der Woche", "en": "by the end of the week"}[language]
    if weeks == 1:
        return {"de": "bis zum Ende der Folgewoche", "en": "by the end of the following week"}[language]
    return {"de": f"bis zum Ende der {weeks}. Woche danach", "en": f"by the end of week {weeks} after it"}[language]


def fact_words(code: str, language: str) -> str:
    """Return what happened, in a word or two; a moment's code is its own word."""
    return _WHAT[code][language] if code in _WHAT else code


def why_sentence(why: Why, language: str) -> str:
    """Return how an instant came to be: anchor, span, clock, and the open hours that were counted."""
    zone = why.calendar.zone
    anchor = why.named[language] if why.named else _ANCHORS.get(why.anchor, {}).get(language, why.anchor)
    sentence = f"{anchor} {instant(why.anchor_at, language, zone)}"
    if why.span.time or why.span.days or why.span.clock in FORWARDS_ONLY:
        sentence += f" {'−' if why.backwards else '+'} {span_words(why.span, language)}"
    if counted := why.counted():
        sentence += f" ({_counted(counted, language, zone)})"
    if why.late:
        sentence += {"de": "; kurzfristig, daher sofort", "en": "; short notice, so at once"}[language]
    if why.breaks:
        sentence += {"de": "; ohne Ruhezeiten", "en": "; without pauses"}[language]
    return f"{sentence} [{why.cites}]"


def _counted(segments: list[Segment], language: str, zone: ZoneInfo) -> str:
    """Name each stretch of open hours, or the first and last ones of many."""
    named = [f"{short_instant(opens, language, zone)}–{closes.astimezone(zone):%H:%M}" for opens, closes in segments]
    if len(named) > _NAMED_STRETCHES:
        between = {"de": f"… {len(named) - 2} weitere …", "en": f"… {len(named) - 2} more …"}[language]
        named = [named[0], between, named[-1]]
    return ", ".join(named)


_NAMED_STRETCHES = 4


def refusal(code: str, context: Mapping[str, str], language: str) -> str:
    """Return why something was not accepted, as a sentence; an unknown code is shown as it is."""
    if code not in _REFUSALS:
        return code
    words = dict(context)
    if "code" in words:
        words["what"] = fact_words(words["code"], language)
    return _REFUSALS[code][language].format_map(_Gaps(words))


class _Gaps(dict[str, str]):
    """Fills a gap in a sentence with a dash instead of failing while somebody waits."""

    def __missing__(self, key: str) -> str:
        return "–"


def mark_of(number: int, *, life: bool) -> str:
    """Return how people call a ticket or a customer.

    >>> mark_of(17, life=False), mark_of(12, life=True)
    ('#17', 'K12')
    """
    return f"K{number}" if life else f"#{number}"
