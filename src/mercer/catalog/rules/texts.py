"""What texts may hold, and in which languages."""

from collections.abc import Mapping

import nh3

from mercer.catalog.errors import LanguageInvalid, TextInvalid, TextMissing, TextTooLong
from mercer.catalog.models import Translations
from mercer.values.language import TAG, parent

LONGEST_NAME = 500
LONGEST_TEXT = 10_000
LONGEST_HTML = 200_000

_SEARCH_CONFIGURATIONS: Mapping[str, str] = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch",
    "no": "norwegian", "nb": "norwegian", "nn": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip


def search_configuration(language: str) -> str:
    """PostgreSQL's text search configuration for a language; `simple` where it has none."""
    return _SEARCH_CONFIGURATIONS.get(parent(language), "simple")


def translated(text: str, translations: Translations, language: str) -> str:
    """The text in this language, else in the language without its region, else as it is."""
    return translations.get(language) or translations.get(parent(language)) or text


def checked_text(text: str, field: str, *, longest: int = LONGEST_NAME) -> str:
    """The text without space around it. Raises `TextInvalid`, `TextTooLong`."""
    text = text.strip()
    if len(text) > longest:
        raise TextTooLong(field=field, longest=longest)
    if "\0" in text or not _is_unicode(text):
        raise TextInvalid(field=field)
    return text


def checked_name(text: str, field: str = "name") -> str:
    """A text that is not empty. Raises `TextMissing`, `TextInvalid`, `TextTooLong`."""
    text = checked_text(text, field)
    if not text:
        raise TextMissing(field=field)
    return text


def checked_html(html: str, field: str) -> str:
    """Rich text with nothing in it that could do harm. Raises `TextInvalid`, `TextTooLong`."""
    html = checked_text(html, field, longest=LONGEST_HTML)
    return nh3.clean(html) if html else html


def checked_translations(translations: Translations, field: str, *, is_html: bool = False) -> Translations:
    """Translations in known languages, empty ones left out. Raises `LanguageInvalid`, and as the texts do."""
    for language in translations:
        if not TAG.fullmatch(language):
            raise LanguageInvalid(language=language)
    check = checked_html if is_html else checked_text
    checked = {language: check(text, f"{field}.{language}") for language, text in translations.items()}
    return {language: text for language, text in checked.items() if text}


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
