"""What is wrong with the operation, and what to do about it, in the words operators and overseers read."""

FINDINGS: dict[str, dict[str, str]] = {
    "no_worker": {
        "de": "Seit {since} arbeitet kein Worker: keine Frist wird eingehalten.",
        "en": "No worker has worked since {since}: no promise is kept.",
    },
    "mixed_workers": {
        "de": "Worker verschiedener Versionen arbeiten seit {since} nebeneinander ({names}).",
        "en": "Workers of different releases have worked side by side since {since} ({names}).",
    },
    "sweep_late": {
        "de": "Der Rundgang war zuletzt {since}; was liegen bleibt, findet niemand.",
        "en": "The sweep was last done {since}; nobody finds what is left behind.",
    },
    "moments_late": {
        "de": "Zeitpunkte von Vorgängen sind überfällig: {count}, der älteste seit {since} ({names}).",
        "en": "Moments of tickets are late: {count}, the oldest since {since} ({names}).",
    },
    "mails_waiting": {
        "de": "Mails gehen nicht hinaus: {count}, die älteste seit {since}.",
        "en": "Mails do not go out: {count}, the oldest since {since}.",
    },
    "mail_in_silent": {
        "de": "Posteingang nicht erreichbar oder nicht beobachtet seit {since} ({names}).",
        "en": "Mail in is out of reach or not watched since {since} ({names}).",
    },
    "webhooks_failing": {
        "de": "Webhooks kommen nicht an: {count} Nachrichten, die älteste von {since} (Webhook {names}).",
        "en": "Webhooks do not arrive: {count} messages, the oldest of {since} (webhook {names}).",
    },
    "webhooks_given_up": {
        "de": "Webhooks aufgegeben in den letzten sieben Tagen: {count} Nachrichten (Webhook {names}).",
        "en": "Webhooks given up in the last seven days: {count} messages (webhook {names}).",
    },
    "imports_undone": {
        "de": "Einlesen nicht fertig: {count}, das älteste seit {since} ({names}).",
        "en": "Imports not done: {count}, the oldest since {since} ({names}).",
    },
    "plans_outdated": {
        "de": "Vorgänge werden nach einer Änderung neu geplant: {count} stehen noch aus.",
        "en": "Tickets are being planned again after a change: {count} to go.",
    },
    "not_recordable": {
        "de": "Befehle, die niemand beurteilen konnte, seit gestern: {count} ({names}).",
        "en": "Commands that nobody could judge since yesterday: {count} ({names}).",
    },
    "notices_unwritten": {
        "de": "Benachrichtigungen, die sich nicht schreiben ließen, seit gestern: {count} ({names}).",
        "en": "Notices that could not be written since yesterday: {count} ({names}).",
    },
    "schema_differs": {
        "de": "Die Datenbank hat einen anderen Stand als diese Version ({names}).",
        "en": "The database is not at the version that this release needs ({names}).",
    },
    "database_silent": {
        "de": "Die Datenbank antwortet nicht ({names}).",
        "en": "The database does not answer ({names}).",
    },
    "temporal_silent": {
        "de": "Temporal antwortet nicht ({names}).",
        "en": "Temporal does not answer ({names}).",
    },
    "schedules_missing": {
        "de": "Zeitpläne fehlen: {names}.",
        "en": "Schedules are missing: {names}.",
    },
    "schedules_paused": {
        "de": "Zeitpläne sind angehalten: {names}.",
        "en": "Schedules are paused: {names}.",
    },
    "attributes_missing": {
        "de": "Suchattribute fehlen in Temporal: {names}.",
        "en": "Search attributes are missing in Temporal: {names}.",
    },
    "tasks_failing": {
        "de": "Workflows, deren Code scheitert: {count} ({names}).",
        "en": "Workflows whose code fails: {count} ({names}).",
    },
    "retries": {
        "de": "Aktivitäten, die immer wieder scheitern: {count} ({names}).",
        "en": "Activities that fail again and again: {count} ({names}).",
    },
}

ADVICE: dict[str, dict[str, str]] = {
    "no_worker": {
        "de": "Worker starten (worker.py); warum er endete, steht im Protokoll.",
        "en": "Start the worker (worker.py); its log says why it ended.",
    },
    "mixed_workers": {
        "de": "Nach einem Wechsel die alten Worker beenden, dann starter.py roll-over.",
        "en": "After a release end the older workers, then run starter.py roll-over.",
    },
    "sweep_late": {
        "de": "Den Zeitplan „sweep“ in Temporal ansehen; fehlt er, starter.py setup.",
        "en": 'Look at the schedule "sweep" in Temporal; if it is missing, run starter.py setup.',
    },
    "moments_late": {
        "de": "Den Workflow eines der Vorgänge in Temporal ansehen: die offene Aktivität nennt den Grund.",
        "en": "Look at the workflow of one of them in Temporal: its pending activity says why.",
    },
    "mails_waiting": {
        "de": "Mailserver prüfen; die Antwort steht beim Workflow „mailbox-…“ in Temporal.",
        "en": 'Check the mail server; its answer stands at the workflow "mailbox-…" in Temporal.',
    },
    "mail_in_silent": {
        "de": "Die Seite „Posteingang“ nennt die Antwort des Servers; Mails warten dort.",
        "en": 'The page "mail in" has the server\'s answer; mails wait there.',
    },
    "webhooks_failing": {
        "de": "Die Seite des Webhooks zeigt jeden Versuch; den Empfänger verständigen.",
        "en": "The webhook's page shows every attempt; tell whoever runs the receiver.",
    },
    "webhooks_given_up": {
        "de": "Ist der Empfänger wieder da, auf der Seite des Webhooks noch einmal senden.",
        "en": "When the receiver is back, send again from the webhook's page.",
    },
    "imports_undone": {
        "de": "Den Workflow „import-…“ in Temporal ansehen.",
        "en": 'Look at the workflow "import-…" in Temporal.',
    },
    "plans_outdated": {
        "de": "Nichts; sinkt die Zahl nicht, den Rundgang prüfen.",
        "en": "Nothing; if the number does not fall, look at the sweep.",
    },
    "not_recordable": {
        "de": "Das Protokoll des Workers hat den Fehler; bitte melden.",
        "en": "The worker's log has the error; please report it.",
    },
    "notices_unwritten": {
        "de": "Das Protokoll des Workers hat den Fehler; die Betroffenen ansprechen.",
        "en": "The worker's log has the error; speak to those who should have heard.",
    },
    "schema_differs": {"de": "starter.py setup ausführen.", "en": "Run starter.py setup."},
    "database_silent": {
        "de": "DATABASE_URL und den Datenbankserver prüfen.",
        "en": "Check DATABASE_URL and the database server.",
    },
    "temporal_silent": {
        "de": "TEMPORAL_ADDRESS und den Temporal-Server prüfen.",
        "en": "Check TEMPORAL_ADDRESS and the Temporal server.",
    },
    "schedules_missing": {"de": "starter.py setup ausführen.", "en": "Run starter.py setup."},
    "schedules_paused": {
        "de": "In Temporal wieder in Gang setzen (Schedules).",
        "en": "Let them run again in Temporal (Schedules).",
    },
    "attributes_missing": {"de": "starter.py setup ausführen.", "en": "Run starter.py setup."},
    "tasks_failing": {
        "de": "In Temporal nach TemporalReportedProblems IS NOT NULL suchen; bitte melden.",
        "en": "Search Temporal for TemporalReportedProblems IS NOT NULL; please report it.",
    },
    "retries": {
        "de": "Die offene Aktivität des Workflows nennt den letzten Fehler.",
        "en": "The workflow's pending activity has the last error.",
    },
}
