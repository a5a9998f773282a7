"""Why a record that came from elsewhere is not taken, in the words people read."""

REFUSALS = {
    "field_unknown": {
        "de": "Ein Feld „{field}“ gibt es nicht; es gibt {fields}.",
        "en": "There is no field “{field}”; there are {fields}.",
    },
    "field_missing": {"de": "Das Feld „{field}“ fehlt.", "en": "The field “{field}” is missing."},
    "field_misplaced": {
        "de": "Das Feld „{field}“ gehört nicht zu „{what}“.",
        "en": "The field “{field}” does not belong to “{what}”.",
    },
    "field_illegible": {
        "de": "Das Feld „{field}“ ist zu lang oder enthält Zeichen, die niemand sieht.",
        "en": "The field “{field}” is too long or has characters nobody can see.",
    },
    "what_unknown": {
        "de": "„{what}“ ist nichts, was hier geschehen kann; es gibt {known}.",
        "en": "“{what}” is nothing that can happen here; there are {known}.",
    },
    "at_unreadable": {
        "de": "„{at}“ ist weder ein Datum noch ein Zeitpunkt wie 2027-03-02T10:00+01:00.",
        "en": "“{at}” is neither a date nor an instant such as 2027-03-02T10:00+01:00.",
    },
    "size_unreadable": {
        "de": "„{size}“ ist keine Zahl von Stunden.",
        "en": "“{size}” is not a number of hours.",
    },
}
