"""Mails from templates, one for each language: `welcome.de.txt` with its subject, and `welcome.de.mjml`.

Nothing is fetched: neither fonts nor style sheets nor includes. What is put into a template is text, never markup.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jinja2
import mrml

_SUBJECT = "Subject: "
_NO_NETWORK = mrml.ParserOptions(include_loader=mrml.noop_loader())
_NO_FONTS = mrml.RenderOptions(disable_comments=True, fonts={})


@dataclass(frozen=True)
class Written:
    """A mail's words."""

    subject: str
    text: str
    html: str


class Templates:
    """The templates that lie in a package's folder. A name that a template uses and nobody gave is a fault."""

    def __init__(self, package: str, folder: str = "templates") -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader(package, folder),
            autoescape=_is_markup,  # noqa: S701 — all but plain text
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def write(self, name: str, *, language: str, values: Mapping[str, Any]) -> Written:
        """The mail of that name in that language. Its text's first line is its subject."""
        text = self._environment.get_template(f"{name}.{language}.txt").render(values)
        first, _, rest = text.partition("\n")
        if not first.startswith(_SUBJECT):
            raise ValueError(f"the text of the mail {name}.{language} has no subject")
        markup = self._environment.get_template(f"{name}.{language}.mjml").render(values, language=language)
        html = mrml.to_html(markup, parser_options=_NO_NETWORK, render_options=_NO_FONTS)
        return Written(subject=one_line(first.removeprefix(_SUBJECT)), text=rest.strip() + "\n", html=html.content)

    @property
    def names(self) -> list[str]:
        """The files, such as `welcome.de.txt`."""
        return self._environment.list_templates()


def one_line(text: str) -> str:
    """A text that cannot begin another header."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _is_markup(name: str | None) -> bool:
    return name is None or not name.endswith(".txt")
