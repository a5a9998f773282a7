"""Why something is not accepted, and what happened, in the words people read: of every ticket."""

REFUSALS = {
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
    "category_unknown": {
        "de": "Eine Kategorie „{category}“ gibt es im Servicekatalog nicht.",
        "en": "There is no category “{category}” in the service catalogue.",
    },
    "number_out_of_bounds": {
        "de": "Die Zahl ist kleiner oder größer, als sie sein kann ({field}, höchstens {largest}).",
        "en": "The number is smaller or larger than it can be ({field}, at most {largest}).",
    },
    "illegible_value": {
        "de": "Zeichen, die niemand sieht, oder mehr als {longest} davon ({field}).",
        "en": "Characters nobody can see, or more than {longest} of them ({field}).",
    },
    "instant_without_zone": {
        "de": "Dem Zeitpunkt fehlt die Zeitzone ({field}).",
        "en": "The time has no time zone ({field}).",
    },
    "too_early": {
        "de": "Der Zeitpunkt liegt vor {earliest} ({field}).",
        "en": "The time lies before {earliest} ({field}).",
    },
    "text_unknown": {
        "de": "Den Text {text} gibt es bei diesem Vorgang nicht.",
        "en": "This ticket has no text {text}.",
    },
    "not_recordable": {
        "de": "Das ließ sich nicht festhalten ({problem}); der Betrieb sieht es im Protokoll.",
        "en": "This could not be recorded ({problem}); operators find it in the log.",
    },
    "not_understood": {"de": "Das wurde nicht verstanden: {reason}", "en": "This was not understood: {reason}"},
}

WHAT = {
    "received": {"de": "Eingang", "en": "received"},
    "answered": {"de": "geantwortet", "en": "answered"},
    "called": {"de": "Anruf erfasst", "en": "call logged"},
    "follow_up": {"de": "Wiedervorlage gesetzt", "en": "follow-up set"},
    "customer_wrote": {"de": "Nachricht des Kunden", "en": "customer wrote"},
    "call_back": {"de": "Rückruf gewünscht", "en": "call-back wanted"},
    "noted": {"de": "Notiz", "en": "note"},
    "categorised": {"de": "Kategorie gewählt", "en": "category chosen"},
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
