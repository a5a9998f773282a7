"""By what two entries look like the same customer: mail address, name with company. Pure."""

import re
import unicodedata

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "ł": "l", "&": " und "})
_LEGAL_FORMS = frozenset(
    {"ag", "eg", "ek", "ev", "gbr", "gesmbh", "ggmbh", "gmbh", "kg", "kgaa", "mbh", "ohg", "ug", "se"}
)
_LEGAL_FORMS |= {
    "co",
    "se",
    "haftungsbeschraenkt",
    "mbb",
    "partg",
    "partgmbb",
    "inc",
    "limited",
    "llc",
    "ltd",
    "plc",
    "sarl",
}
_SPELLED_OUT = (
    ("gesellschaft mit beschraenkter haftung", "gmbh"),
    ("aktiengesellschaft", "ag"),
    ("kommanditgesellschaft", "kg"),
    ("offene handelsgesellschaft", "ohg"),
    ("unternehmergesellschaft", "ug"),
    ("eingetragener kaufmann", "ek"),
    ("eingetragene kauffrau", "ek"),
)


def like_email(email: str) -> str:
    """Return an address without what makes no difference: case, and the space around it.

    >>> like_email(" Kim@Kunde.example ")
    'kim@kunde.example'
    """
    return email.strip().casefold()


def like_name(name: str, company: str) -> str:
    """Return a name with its company: no case, no umlauts, no accents, no punctuation, no legal forms.

    Empty where no letter or digit is left of either.

    >>> like_name("MÜLLER, Jörg", "Groß & Söhne GmbH & Co. KG") == like_name("Mueller Joerg", "Gross und Soehne")
    True
    >>> like_name("Jörg Müller", "") == like_name("Jörg Müller", "Groß AG")
    False
    """
    person, firm = _plain(name), _plain(company)
    return f"{person}|{firm}" if person or firm else ""


def _plain(words: str) -> str:
    folded = unicodedata.normalize("NFKC", words).casefold().translate(_UMLAUTS)
    bare = "".join(char for char in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(char))
    together = re.sub(r"[.'’`]", "", bare)
    spaced = " ".join(re.sub(r"[\W_]+", " ", together).split())
    for long, short in _SPELLED_OUT:
        spaced = spaced.replace(long, short)
    tokens = spaced.split()
    kept = [token for token in tokens if token not in _LEGAL_FORMS]
    while kept and kept[-1] == "und":
        kept.pop()
    return " ".join(kept or tokens)
