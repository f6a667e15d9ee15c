"""The limits on a document's text, checked before it is parsed: the parser is slow, and recursive."""

import re

from mercer.platform.graphql.limits import LimitExceeded

DOCUMENT_CHARACTERS = 100_000
"""How long a document may be. Long values belong into variables."""

LITERAL_NESTING = 20
"""How many brackets a document may nest beyond its fields: lists and objects in arguments, inline fragments."""

NUMBER_CHARACTERS = 100
"""How long a number may be."""

TOKEN = re.compile(
    r"""
    [\s,\ufeff]*+ (?: \#[^\n\r]*+ [\s,\ufeff]*+ )*+
    (?: (?P<open>[{\[(])
      | (?P<close>[}\])])
      | (?P<end>\Z)
      | (?P<number>-?[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)
      | [_A-Za-z][_0-9A-Za-z]*+ | [!$&:=@|] | \.\.\.
      | "{3} (?: [^"\\] | \\"{3} | \\ | "(?!"") )*+ "{3}
      | " (?!"") (?: [^"\\\n\r] | \\. )*+ "
      | (?P<unknown>.)
    )
    """,
    re.VERBOSE | re.DOTALL,
)


def check_text(text: str, *, tokens: int, depth: int) -> None:
    """Refuse a document that is too long, has too many tokens or nests its brackets too deeply.

    What is no GraphQL ends the check: the parser stops there too, and says what is wrong.
    """
    if len(text) > DOCUMENT_CHARACTERS:
        raise LimitExceeded(
            f"The document has {len(text)} characters. At most {DOCUMENT_CHARACTERS} are allowed.",
            code="DOCUMENT_TOO_LONG",
        )
    nesting = 0
    for count, token in enumerate(TOKEN.finditer(text)):
        match token.lastgroup:
            case "open":
                nesting += 1
                if nesting > depth + LITERAL_NESTING:
                    raise LimitExceeded("The document nests too deeply.", code="TOO_DEEP")
            case "close":
                nesting -= 1
            case "number" if len(token["number"]) > NUMBER_CHARACTERS:
                raise LimitExceeded("The document has a number that is too long.", code="NUMBER_TOO_LONG")
            case "end" | "unknown":
                return
        if count >= tokens:
            raise LimitExceeded(f"The document has more than {tokens} tokens.", code="TOO_MANY_TOKENS")
