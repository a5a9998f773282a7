"""The sentences that every surface shares, in German and English: instants, durations, reasons why, refusals."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.business_time import Segment
from domain.moments import Why
from domain.spans import Clock, Span

LANGUAGES = ("de", "en")

_DAYS = {"de": ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"], "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]}

_ANCHORS = {
    "opened": {"de": "Eingang", "en": "receipt"},
    "assigned": {"de": "Zuweisung", "en": "assignment"},
    "redistributed": {"de": "Umverteilung", "en": "redistribution"},
    "follow_up": {"de": "Wiedervorlage", "en": "follow-up"},
    "partner": {"de": "Partner gewählt", "en": "partner chosen"},
    "open_point": {"de": "Frist des offenen Punkts", "en": "deadline of the open point"},
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

_REFUSALS = {
    "already_closed": {
        "de": "Der Vorgang ist bereits abgeschlossen.",
        "en": "The ticket is closed already.",
    },
    "outdated": {
        "de": "Inzwischen hat {by} gehandelt ({what}, {at}). Bitte prüfen und noch einmal absenden.",
        "en": "{by} has acted meanwhile ({what}, {at}). Please check and send again.",
    },
    "follow_up_in_the_past": {
        "de": "Die Wiedervorlage liegt in der Vergangenheit.",
        "en": "The follow-up lies in the past.",
    },
    "already_owner": {"de": "{owner} ist bereits zuständig.", "en": "{owner} is the owner already."},
    "already_paused": {"de": "Der Vorgang ruht bereits.", "en": "The ticket is paused already."},
    "not_paused": {"de": "Der Vorgang ruht nicht.", "en": "The ticket is not paused."},
    "reason_missing": {"de": "Zum Abschließen gehört ein Grund.", "en": "Closing needs a reason."},
    "reason_unknown": {
        "de": "Den Grund „{reason}“ gibt es in diesem Prozess nicht.",
        "en": "This process knows no reason “{reason}”.",
    },
    "text_missing": {"de": "Der Text fehlt.", "en": "The text is missing."},
    "person_unknown": {
        "de": "„{person}“ ist niemand, der hier Vorgänge übernehmen kann.",
        "en": "“{person}” is nobody who can take tickets here.",
    },
    "too_far": {
        "de": "Der Zeitpunkt liegt zu weit in der Zukunft.",
        "en": "The time lies too far in the future.",
    },
    "no_address": {
        "de": "Zu diesem Kunden ist keine E-Mail-Adresse bekannt.",
        "en": "No e-mail address is known for this customer.",
    },
    "illegible": {
        "de": "Zeichen, die niemand sieht, oder mehr als 200 davon ({what}).",
        "en": "Characters nobody can see, or more than 200 of them ({what}).",
    },
    "subject_missing": {"de": "Der Betreff fehlt.", "en": "The subject is missing."},
    "text_too_long": {
        "de": "Der Text ist länger als {limit} Zeichen.",
        "en": "The text is longer than {limit} characters.",
    },
    "milestone_unknown": {
        "de": "Einen Meilenstein „{milestone}“ gibt es in diesem Prozess nicht.",
        "en": "This process knows no milestone “{milestone}”.",
    },
    "milestone_reached_already": {
        "de": "„{milestone}“ ist bereits erreicht.",
        "en": "“{milestone}” has been reached already.",
    },
    "milestone_out_of_sequence": {
        "de": "„{milestone}“ und „{other}“ lägen in der falschen Reihenfolge.",
        "en": "“{milestone}” and “{other}” would be in the wrong order.",
    },
    "last_phase": {
        "de": "Dies ist die letzte Phase; der Vorgang wird hier abgeschlossen.",
        "en": "This is the last phase; the ticket is closed here.",
    },
    "not_an_earlier_phase": {
        "de": "„{phase}“ ist keine frühere Phase.",
        "en": "“{phase}” is not an earlier phase.",
    },
    "gate_blocks": {
        "de": "Die Phase endet nur durch das Quality Gate „{gate}“: übergeben, dann nimmt die andere Seite an.",
        "en": "The phase ends only through the quality gate “{gate}”: hand over, then the other side accepts.",
    },
    "gate_unknown": {
        "de": "Ein Quality Gate „{gate}“ gibt es in diesem Prozess nicht.",
        "en": "This process knows no quality gate “{gate}”.",
    },
    "gate_passed": {
        "de": "„{gate}“ ist bereits passiert; zuletzt hat {by} gehandelt.",
        "en": "“{gate}” has been passed already; {by} acted last.",
    },
    "not_at_gate": {
        "de": "Der Vorgang steht nicht vor „{gate}“; das Gate gehört ans Ende der Phase „{phase}“.",
        "en": "The ticket does not stand before “{gate}”; that gate ends the phase “{phase}”.",
    },
    "not_giver": {
        "de": "„{gate}“ übergibt, wer zuständig ist oder diese Rolle hat: {role}.",
        "en": "At “{gate}” the owner hands over, or who has this role: {role}.",
    },
    "not_receiver": {
        "de": "{person} kann bei „{gate}“ nicht annehmen; dazu gehört diese Rolle: {role}.",
        "en": "{person} cannot accept at “{gate}”; that takes this role: {role}.",
    },
    "own_handover": {
        "de": "Die eigene Übergabe nimmt jemand anderes an.",
        "en": "Somebody else has to accept your own handover.",
    },
    "checklist_incomplete": {
        "de": "Die Checkliste von „{gate}“ ist noch nicht vollständig: {items}.",
        "en": "The checklist of “{gate}” is not complete yet: {items}.",
    },
    "answer_wrong": {
        "de": "Eine Antwort passt nicht zur Frage: {items}.",
        "en": "An answer does not fit its question: {items}.",
    },
    "nothing_submitted": {
        "de": "Bei „{gate}“ wartet gerade keine Übergabe.",
        "en": "No handover is waiting at “{gate}” now.",
    },
    "submission_replaced": {
        "de": "{by} hat inzwischen neu übergeben. Bitte die neue Fassung ansehen und dann entscheiden.",
        "en": "{by} has handed over anew meanwhile. Please look at the new version, then decide.",
    },
    "item_unknown": {
        "de": "„{gate}“ fragt nicht nach „{item}“.",
        "en": "“{gate}” does not ask for “{item}”.",
    },
    "may_not_override": {
        "de": "„{gate}“ darf nur öffnen, wer diese Rolle hat: {role}.",
        "en": "Only who has this role may override “{gate}”: {role}.",
    },
    "points_open": {
        "de": "Noch offen: {points}. Bitte erst erledigen.",
        "en": "Still open: {points}. Please settle this first.",
    },
    "point_unknown": {
        "de": "Einen offenen Punkt „{point}“ gibt es nicht (mehr).",
        "en": "There is no open point “{point}” (any more).",
    },
    "point_still_missing": {
        "de": "„{item}“ fehlt noch; erledigt ist der Punkt mit der Antwort.",
        "en": "“{item}” is still missing; the point is settled by its answer.",
    },
    "point_due_in_the_past": {
        "de": "Die Frist des offenen Punkts liegt in der Vergangenheit.",
        "en": "The deadline of the open point lies in the past.",
    },
    "file_name": {
        "de": "Die Datei hat keinen lesbaren Namen.",
        "en": "The file has no legible name.",
    },
    "file_empty": {"de": "„{file}“ ist leer.", "en": "“{file}” is empty."},
    "file_too_large": {
        "de": "„{file}“ ist größer als {limit} MB. Bitte verkleinern oder aufteilen.",
        "en": "“{file}” is larger than {limit} MB. Please make it smaller or split it.",
    },
    "file_kind": {
        "de": "„{file}“ ist keine der erlaubten Arten: {kinds}.",
        "en": "“{file}” is none of the kinds that are taken: {kinds}.",
    },
    "file_disguised": {
        "de": "„{file}“ enthält etwas anderes, als die Endung {kind} sagt.",
        "en": "“{file}” does not contain what its ending {kind} says.",
    },
    "no_objections_here": {
        "de": "In diesem Prozess werden keine Einwände erfasst.",
        "en": "This process records no objections.",
    },
    "no_welcome_here": {
        "de": "In diesem Prozess gibt es keine Begrüßung.",
        "en": "This process has no welcome.",
    },
    "welcome_by_mail_or_call": {
        "de": "„{milestone}“ ist mit der Mail oder dem Anruf erreicht, nicht durch Abhaken.",
        "en": "“{milestone}” is reached by the mail or the call, not by ticking it off.",
    },
    "not_done_yet": {
        "de": "Für diesen Grund fehlt noch: {needed}.",
        "en": "For this reason something is still missing: {needed}.",
    },
    "not_understood": {"de": "Das wurde nicht verstanden: {reason}", "en": "This was not understood: {reason}"},
}

_WHAT = {
    "received": {"de": "Eingang", "en": "received"},
    "answered": {"de": "geantwortet", "en": "answered"},
    "called": {"de": "Anruf erfasst", "en": "call logged"},
    "follow_up": {"de": "Wiedervorlage gesetzt", "en": "follow-up set"},
    "customer_wrote": {"de": "Nachricht des Kunden", "en": "customer wrote"},
    "call_back": {"de": "Rückruf gewünscht", "en": "call-back wanted"},
    "noted": {"de": "Notiz", "en": "note"},
    "reassigned": {"de": "neu zugewiesen", "en": "reassigned"},
    "paused": {"de": "ruht", "en": "paused"},
    "resumed": {"de": "läuft wieder", "en": "resumed"},
    "milestone": {"de": "Meilenstein", "en": "milestone"},
    "phase_done": {"de": "Phase erledigt", "en": "phase done"},
    "phase_skipped": {"de": "Phase übersprungen", "en": "phase skipped"},
    "phase_back": {"de": "Phase wieder aufgenommen", "en": "phase resumed"},
    "partner": {"de": "Partner gewählt", "en": "partner chosen"},
    "handover_submitted": {"de": "übergeben", "en": "handed over"},
    "handover_accepted": {"de": "Übergabe angenommen", "en": "handover accepted"},
    "handover_rejected": {"de": "Übergabe zurückgewiesen", "en": "handover returned"},
    "gate_overridden": {"de": "Gate ohne Prüfung geöffnet", "en": "gate overridden"},
    "point_assigned": {"de": "offener Punkt vergeben", "en": "open point assigned"},
    "point_settled": {"de": "offener Punkt erledigt", "en": "open point settled"},
    "objection": {"de": "Einwand erfasst", "en": "objection recorded"},
    "welcomed": {"de": "Kunde begrüßt", "en": "customer welcomed"},
    "refused": {"de": "Signal abgelehnt", "en": "signal refused"},
    "closed": {"de": "abgeschlossen", "en": "closed"},
}


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
    if span.days == 1:
        return _ONE_DAY[span.clock][language]
    amount = str(span.days) if span.days else duration(span.time, language)
    return f"{amount} {_CLOCKS[span.clock][language]}"


def fact_words(code: str, language: str) -> str:
    """Return what happened, in a word or two; a moment's code is its own word."""
    return _WHAT[code][language] if code in _WHAT else code


def why_sentence(why: Why, language: str) -> str:
    """Return how an instant came to be: anchor, span, clock, and the open hours that were counted."""
    zone = why.calendar.zone
    anchor = why.named[language] if why.named else _ANCHORS.get(why.anchor, {}).get(language, why.anchor)
    sentence = f"{anchor} {instant(why.anchor_at, language, zone)}"
    if why.span.time or why.span.days or why.span.clock is Clock.SAME_DAY:
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
