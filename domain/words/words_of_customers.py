"""Why something is not accepted, and what happened, in the words people read: of customers' lives."""

REFUSALS = {
    "for_customers_only": {
        "de": "Das gehört zu einem Kunden, nicht zu einem Vorgang.",
        "en": "This belongs to a customer, not to a ticket.",
    },
    "for_tickets_only": {
        "de": "Das gehört zu einem Vorgang, nicht zum Lebenszyklus eines Kunden.",
        "en": "This belongs to a ticket, not to a customer's life cycle.",
    },
    "package_unknown": {
        "de": "Ein Paket mit {size} Stunden gibt es nicht; es gibt {sizes}.",
        "en": "There is no package of {size} hours; there are {sizes}.",
    },
    "in_the_future": {"de": "Der Zeitpunkt liegt in der Zukunft.", "en": "The time lies in the future."},
    "before_registration": {
        "de": "Das läge vor der Registrierung des Kunden.",
        "en": "This would be before the customer registered.",
    },
    "task_key": {
        "de": "„{task}“ ist keine Kennung einer Aufgabe: höchstens 64 Buchstaben, Ziffern und -_.:",
        "en": "“{task}” is no id of a task: at most 64 letters, digits and -_.:",
    },
    "task_known": {
        "de": "Die Aufgabe „{task}“ ist bereits eingestellt.",
        "en": "The task “{task}” has been posted already.",
    },
    "task_unknown": {
        "de": "Eine Aufgabe „{task}“ hat der Kunde nicht eingestellt.",
        "en": "The customer has not posted a task “{task}”.",
    },
    "task_assigned_already": {
        "de": "Die Aufgabe „{task}“ ist bereits zugewiesen.",
        "en": "The task “{task}” is assigned already.",
    },
    "tag_unknown": {
        "de": "Eine Einstufung „{tag}“ gibt es nicht; es gibt {tags}.",
        "en": "There is no class “{tag}”; there are {tags}.",
    },
    "already_so": {"de": "Das ist bereits so.", "en": "This is so already."},
    "not_a_lead": {"de": "Der Kunde ist kein Lead mehr.", "en": "The customer is no lead any more."},
    "answer_in_the_past": {
        "de": "Die Frist für die Antwort liegt in der Vergangenheit.",
        "en": "The deadline for the answer lies in the past.",
    },
    "not_asked": {
        "de": "Der VPA ist gerade nicht gefragt; zu entscheiden gibt es nichts.",
        "en": "The assistant is not being asked; there is nothing to decide.",
    },
    "same_id_other_content": {
        "de": "Unter der Kennung „{id}“ wurde schon etwas anderes übernommen: {content}.",
        "en": "Something else was taken under the id “{id}” already: {content}.",
    },
    "merge_with_oneself": {
        "de": "Ein Kunde lässt sich nicht mit sich selbst zusammenführen.",
        "en": "A customer cannot be merged with themselves.",
    },
    "merged_already": {
        "de": "{customer} ist bereits in {into} zusammengeführt.",
        "en": "{customer} has been merged into {into} already.",
    },
    "merge_other_way_round": {
        "de": "{customer} hat einen Lebenszyklus und muss bleiben. Bitte andersherum zusammenführen.",
        "en": "{customer} has a life cycle and has to stay. Please merge the other way round.",
    },
    "merge_of_two_lives": {
        "de": "Beide haben einen laufenden Lebenszyklus. Bitte zuerst einen davon auf der Kundenkarte beenden.",
        "en": "Both have a life cycle that goes on. Please end one of them on its card first.",
    },
    "merge_on_top": {
        "de": "Darauf baut eine weitere Zusammenführung auf. Bitte zuerst die mit {customer} rückgängig machen.",
        "en": "Another merge was made on top of this one. Please undo the one with {customer} first.",
    },
    "merge_undone_already": {
        "de": "Diese Zusammenführung ist bereits rückgängig gemacht.",
        "en": "This merge has been undone already.",
    },
    "changed_meanwhile": {
        "de": "Inzwischen wurden Kontaktdaten geändert. Bitte noch einmal ansehen und auswählen.",
        "en": "Contact data was changed meanwhile. Please look again and choose.",
    },
    "name_missing": {"de": "Der Name fehlt.", "en": "The name is missing."},
    "customer_unknown": {
        "de": "Einen Kunden „{customer}“ gibt es nicht.",
        "en": "There is no customer “{customer}”.",
    },
    "customer_known": {
        "de": "Der Kunde „{customer}“ ist bereits registriert.",
        "en": "The customer “{customer}” is registered already.",
    },
}

WHAT = {
    "registered": {"de": "registriert", "en": "registered"},
    "appointment": {"de": "Telefontermin gebucht", "en": "phone appointment booked"},
    "package": {"de": "Paket gebucht", "en": "package booked"},
    "task_posted": {"de": "Aufgabe eingestellt", "en": "task posted"},
    "task_assigned": {"de": "Aufgabe zugewiesen", "en": "task assigned"},
    "tagged": {"de": "eingestuft", "en": "classified"},
    "priority": {"de": "Prio geändert", "en": "priority changed"},
    "watched": {"de": "Watchlist geändert", "en": "watchlist changed"},
    "offer": {"de": "Angebot erhalten", "en": "offer received"},
    "invited": {"de": "von Kollegen eingeladen", "en": "invited by a colleague"},
    "acknowledged": {"de": "gesehen", "en": "seen"},
    "assistant_asked": {"de": "VPA gefragt", "en": "assistant asked"},
    "observed": {"de": "weiter beobachten", "en": "observed further"},
}
