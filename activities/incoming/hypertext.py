"""Makes a mail's HTML harmless, and makes text from it. What is nested beyond reason is reduced to its words."""

import html
import re

import nh3
from inscriptis import get_text
from inscriptis.model.config import ParserConfig

from activities.incoming.charsets import plain

LONGEST_HTML = 400_000
_DEEPEST = 150
"""Above that the sanitiser's time grows with the square, and the text maker gives up without a word."""
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*?(/?)>")
_HIDDEN = re.compile(r"<(script|style|head|title)\b.*?(</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "center", "cite", "code", "dd", "del", "div", "dl", "dt", "em"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "ol", "p", "pre", "q", "s", "small", "span"),
    *("strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign"},
    "ol": {"start"},
}
_WITHOUT_LINKS = ParserConfig(display_links=False, display_images=False)


def harmless(markup: str) -> str:
    """Return HTML without scripts, forms, styles and anything that loads; links open nothing of ours.

    Empty for what is too long or too deep to be cleaned in reasonable time: its text is kept all the same.
    """
    if len(markup) > LONGEST_HTML or _depth(markup) > _DEEPEST:
        return ""
    return nh3.clean(
        markup,
        tags=_TAGS,
        clean_content_tags={"script", "style", "title", "head", "template", "noscript"},
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def text_of(markup: str, cleaned: str) -> str:
    """Return the words of a mail that has no text part; `cleaned` is what `harmless` made of it."""
    if cleaned:
        text = plain(get_text(cleaned, _WITHOUT_LINKS)).strip()
        return "\n".join(line.rstrip() for line in text.split("\n"))
    stripped = _TAG.sub(" ", _HIDDEN.sub(" ", markup[: LONGEST_HTML * 4]))
    return "\n".join(filter(None, (" ".join(line.split()) for line in plain(html.unescape(stripped)).split("\n"))))


def _depth(markup: str) -> int:
    """Return how deep elements are nested at most, as if none closed by itself."""
    deepest = depth = 0
    for closing, name, alone in _TAG.findall(markup):
        if alone or name.lower() in _VOID:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest
