"""Why a record, a line or a file that comes from elsewhere is not accepted, in the words people read."""

REFUSALS = {
    "field_missing": {"de": "„{field}“ fehlt.", "en": "“{field}” is missing."},
    "field_missing_for": {
        "de": "„{field}“ fehlt; „{what}“ braucht es.",
        "en": "“{field}” is missing; “{what}” needs it.",
    },
    "field_not_for": {
        "de": "„{field}“ gehört nicht zu „{what}“.",
        "en": "“{field}” does not belong to “{what}”.",
    },
    "field_unknown": {
        "de": "Ein Feld „{field}“ gibt es nicht; es gibt {fields}.",
        "en": "There is no field “{field}”; there are {fields}.",
    },
    "id_wrong": {
        "de": "Die Kennung darf höchstens {limit} sichtbare Zeichen haben, ohne Leerzeichen.",
        "en": "The id may have at most {limit} visible characters, without spaces.",
    },
    "illegible_field": {
        "de": "„{field}“ enthält Zeichen, die niemand sieht, oder mehr als {limit}.",
        "en": "“{field}” holds characters nobody can see, or more than {limit}.",
    },
    "what_unknown": {
        "de": "„{what_said}“ ist hier unbekannt; bekannt sind {whats}.",
        "en": "“{what_said}” is unknown here; known are {whats}.",
    },
    "size_wrong": {
        "de": "„{size}“ ist keine Zahl von Stunden über null.",
        "en": "“{size}” is no number of hours above zero.",
    },
    "email_wrong": {
        "de": "„{email}“ ist keine Mailadresse wie kim@beispiel.de.",
        "en": "“{email}” is not a mail address, like kim@example.com.",
    },
    "instant_unreadable": {
        "de": "„{at_said}“ ist kein Datum wie 2027-03-03 und kein Zeitpunkt wie 2027-03-03T10:00.",
        "en": "“{at_said}” is neither a date like 2027-03-03 nor an instant like 2027-03-03T10:00.",
    },
    "id_underway": {
        "de": "Unter der Kennung „{id}“ ist noch anderes unterwegs: {content}. Bitte erst dieses noch einmal senden.",
        "en": "Something else is still on its way under the id “{id}”: {content}. Please send that once more first.",
    },
    "line_empty": {"de": "Die Zeile ist leer.", "en": "The line is empty."},
    "line_unreadable": {
        "de": "Die Anführungszeichen in dieser Zeile stimmen nicht.",
        "en": "The quotes in this line are not right.",
    },
    "too_many_columns": {
        "de": "Mehr Spalten als die {columns} der Kopfzeile.",
        "en": "More columns than the {columns} of the header.",
    },
    "quote_open": {
        "de": "Ein Anführungszeichen ab Zeile {line} ist nicht geschlossen; die Zeilen danach wären verloren.",
        "en": "A quote beginning in line {line} is not closed; the lines after it would be lost.",
    },
    "import_empty": {"de": "Die Datei ist leer.", "en": "The file is empty."},
    "import_not_text": {
        "de": "Das ist keine Textdatei. Bitte als CSV (UTF-8 oder Windows-1252) speichern.",
        "en": "This is not a text file. Please save it as CSV (UTF-8 or Windows-1252).",
    },
    "import_too_large": {"de": "Höchstens {limit} MB auf einmal.", "en": "At most {limit} MB at a time."},
    "import_too_long": {"de": "Höchstens {limit} Zeilen auf einmal.", "en": "At most {limit} lines at a time."},
    "import_without_lines": {
        "de": "Unter der Kopfzeile steht nichts.",
        "en": "There is nothing below the header line.",
    },
    "header_missing": {
        "de": "Die erste Zeile nennt keine Spalten; nötig sind mindestens {fields}.",
        "en": "The first line names no columns; at least {fields} are needed.",
    },
    "column_missing": {"de": "Die Spalte „{column}“ fehlt.", "en": "The column “{column}” is missing."},
    "column_unknown": {
        "de": "Eine Spalte „{column}“ gibt es nicht; es gibt {fields}.",
        "en": "There is no column “{column}”; there are {fields}.",
    },
    "column_twice": {"de": "Die Spalte „{column}“ steht doppelt da.", "en": "The column “{column}” is there twice."},
}
