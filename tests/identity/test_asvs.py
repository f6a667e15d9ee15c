"""The table of OWASP ASVS 5.0 in `docs/security.md`: complete, and no test in it that there is not.

And what the requirements ask of the document itself: that its numbers and lists are the program's.
"""

import ast
import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from graphql import GraphQLObjectType, GraphQLUnionType, get_named_type

from mercer.app import ADMIN, DIMENSIONS, SHOP
from mercer.identity.models import Audience, Surface
from mercer.identity.rules import passwords
from mercer.identity.rules.api_keys import new_api_key
from mercer.identity.rules.factors import new_recovery_code
from mercer.identity.rules.sessions import new_refresh_token, new_session_token, new_token
from mercer.identity.rules.throttling import ACCOUNT, ADDRESS, ALLOWANCES, PAIR, Allowance
from mercer.identity.tables import SCHEMA
from mercer.platform.graphql.needs import metadata_of
from mercer.platform.permissions import ENTRY, Dimension
from mercer.platform.settings import Settings
from mercer.platform.tables import metadata

ROOT = Path(__file__).parents[2]
STANDARD = ROOT.parent / "shared" / "data" / "asvs" / "asvs-5.0.0.csv"
DOCUMENT = (ROOT / "docs" / "security.md").read_text()
CHAPTERS, LEVELS = {"V6", "V7", "V8", "V9"}, {"1", "2"}
API = {"shop": SHOP.schema, "admin": ADMIN.schema}


class Row(NamedTuple):
    """A requirement, as the table has it."""

    id: str
    level: str
    what: str
    verdict: str
    why: str

    @property
    def tests(self) -> list[str]:
        """The tests that it names, with their files."""
        named = re.findall(r"`([\w/]+\.py::\w+)`", self.why)
        return [each if each.startswith("tests/") else f"tests/identity/{each}" for each in named]


def chapter(title: str) -> str:
    """What stands under a heading of the document, up to the next one of its kind."""
    (found,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    return str(found)


ROWS = [
    Row(*(cell.strip() for cell in line.strip("|\n").split("|")))
    for line in chapter("OWASP ASVS 5.0, levels 1 and 2").splitlines()
    if line.startswith("| V")
]


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text())
    return frozenset(each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))


def test_the_table_has_every_requirement() -> None:
    if not STANDARD.exists():
        pytest.skip("the standard's list is not beside the repository")
    with STANDARD.open(newline="") as file:
        asked = [
            (row["req_id"], row["L"])
            for row in csv.DictReader(file)
            if row["chapter_id"] in CHAPTERS and row["L"] in LEVELS
        ]
    assert [(row.id, row.level) for row in ROWS] == asked


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_each_row_is_founded(row: Row) -> None:
    assert row.what
    for named in row.tests:
        path, _, test = named.partition("::")
        assert test.startswith("test_")
        assert test in names_in(path), named
    if row.verdict == "met":
        assert row.tests
    else:
        assert row.verdict in {"not met", "not applicable"}
        assert len(re.sub(r"`[^`]*`", "", row.why)) > 10


def test_the_table_counts_itself() -> None:
    count = {verdict: sum(row.verdict == verdict for row in ROWS) for verdict in ("met", "not met", "not applicable")}
    told = f"{len(ROWS)} requirements, of which {count['met']} are met, {count['not met']} are not, and "
    assert f"{told}{count['not applicable']} do not apply" in DOCUMENT


def test_the_document_tells_how_long_sessions_last() -> None:
    default = {name: field.default for name, field in Settings.model_fields.items()}
    for who, audience, words in (("Customers", "shop", (14, 30)), ("Staff", "admin", (None, None))):
        hours = [default[f"{audience}_session_idle_hours"], default[f"{audience}_session_hours"]]
        said = [
            f"{each} hours" if days is None else f"{each // 24} days" for each, days in zip(hours, words, strict=True)
        ]
        assert f"| {who} | {said[0]} | {said[1]} | `MERCER_{audience.upper()}_SESSION_IDLE_HOURS`" in DOCUMENT


@pytest.mark.parametrize(
    ("named", "surfaces"),
    [
        ("Sign-in, each API", (Surface.SHOP_SIGN_IN, Surface.ADMIN_SIGN_IN)),
        ("Second factors and confirmations, each API", (Surface.SHOP_FACTOR, Surface.ADMIN_FACTOR)),
        (
            "Registering, asking for a reset, a verification, a change of address",
            (Surface.REGISTRATION, Surface.PASSWORD_RESET, Surface.VERIFICATION, Surface.EMAIL_CHANGE),
        ),
        ("Tokens of mails", (Surface.MAILED_TOKEN,)),
        ("Guests' tokens of orders", (Surface.ORDER_LOOK_UP,)),
    ],
)
def test_the_document_tells_what_is_allowed(named: str, surfaces: tuple[Surface, ...]) -> None:
    for surface in surfaces:
        allowed = ALLOWANCES[surface]
        cells = " | ".join(_told(allowed.get(each)) for each in (PAIR, ACCOUNT, ADDRESS)).replace("|  |", "| |")
        assert f"| {named} | {cells} |".replace("|  |", "| |") in DOCUMENT


def _told(allowance: Allowance | None) -> str:
    if allowance is None:
        return ""
    return f"{allowance.failures}{', an hour' if allowance.forgotten_after.total_seconds() == 3600 else ''}"


def test_the_document_names_the_words_of_the_context() -> None:
    (words,) = re.findall(r"^Words that count as guessed.*$", chapter("Passwords"), re.MULTILINE)
    named = set(re.findall(r"`([a-z]+)`", words))
    assert {"mercer", "shop", "staff", "admin"} <= named <= set(passwords._WORDS)
    assert "`src/mercer/identity/rules/passwords.py`" in words


def test_the_document_tells_what_may_be_limited() -> None:
    words = {
        "channels": Dimension.CHANNEL,
        "warehouses": Dimension.WAREHOUSE,
        "amount": Dimension.AMOUNT,
        "oneself": Dimension.OWN,
    }
    told: dict[str, frozenset[Dimension]] = {}
    for line in chapter("Who may do what").splitlines():
        if line.startswith("| `"):
            _, permissions, within, _ = line.split("|")
            dimensions = frozenset(dimension for word, dimension in words.items() if word in within)
            told |= dict.fromkeys(re.findall(r"`([\w.]+)`", permissions), dimensions)
    assert told == dict(DIMENSIONS)


def _mutations(api: str) -> Iterator[tuple[str, Any]]:
    kind = API[api].type_map["Mutation"]
    assert isinstance(kind, GraphQLObjectType)
    yield from kind.fields.items()


@pytest.mark.parametrize("api", API)
def test_every_way_in_is_documented(api: str) -> None:
    named = set(re.findall(r"`(\w+)`", chapter("Ways in, and how strong they are")))
    declared: dict[str, Any] = {name: metadata_of(field)["mutation"] for name, field in _mutations(api)}
    ways = {name for name, mutation in declared.items() if mutation.needs is ENTRY}
    assert "sessionCreate" in ways
    assert ways - named == set()


@pytest.mark.parametrize("api", API)
def test_only_signing_in_opens_a_session(api: str) -> None:
    opening = set()
    for name, field in _mutations(api):
        result = get_named_type(field.type)
        members = result.types if isinstance(result, GraphQLUnionType) else (result,)
        shown = {member.name for member in members} | {
            get_named_type(inner.type).name
            for member in members
            for inner in (member.fields.values() if isinstance(member, GraphQLObjectType) else ())
        }
        if "Session" in shown:
            opening.add(name)
    # The last two answer new tokens of the session that they are asked with.
    assert opening == {"sessionCreate", "sessionCreateWithFactor", "sessionRefresh", "sessionConfirm", "factorConfirm"}


def test_tokens_are_256_random_bits() -> None:
    for make in (
        new_token,
        new_refresh_token,
        new_api_key,
        lambda: new_session_token(Audience.SHOP),
        lambda: new_session_token(Audience.ADMIN),
    ):
        made = {make() for _ in range(100)}
        assert len(made) == 100
        assert all(re.search(r"(?:^|_)[A-Za-z0-9_-]{43}$", each) for each in made)


def test_recovery_codes_are_of_125_bits() -> None:
    made = {new_recovery_code().replace("-", "") for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"[A-Z2-7]{25}", each) for each in made)
    assert len({each[-1] for each in made}) > 16  # five bits in each letter, the last one too


def test_long_passwords_are_allowed() -> None:
    for length in (64, 128):
        passwords.check_password(("mild otters swim at dawn under " * 5)[:length])


def test_there_are_neither_hints_nor_secret_questions() -> None:
    columns = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        if table.schema == SCHEMA
        for column in table.c
    }
    fields = {
        f"{kind.name}.{name}"
        for schema in API.values()
        for kind in schema.type_map.values()
        if isinstance(kind, GraphQLObjectType)
        for name in kind.fields
    }
    assert len(columns) > 50
    assert [each for each in columns | fields if re.search(r"hint|question", each, re.IGNORECASE)] == []
