"""Verbs, decisions, and the words that they are described in."""

from tests.architecture import verbs
from tests.architecture.sources import sample, sources
from tests.architecture.verdict import obeyed

CODE = sources("src")


def test_verbs_take_the_context_first_and_the_rest_by_keyword() -> None:
    obeyed(verbs.misshapen_verbs(CODE), because="A call must read as a sentence, and arguments must not be swapped.")


def test_a_verb_of_another_shape_is_seen() -> None:
    text = (
        "async def rename(context, *, slug): ...\n"
        "async def positional(context, slug): ...\n"
        "async def many(context, *slugs): ...\n"
        "async def late(*, slug, context): ...\n"
        "async def _private(slug): ...\n"
    )
    assert verbs.misshapen_verbs([sample(text, path="src/mercer/catalog/service/slugs.py")]) == [
        "src/mercer/catalog/service/slugs.py:2: positional",
        "src/mercer/catalog/service/slugs.py:3: many",
        "src/mercer/catalog/service/slugs.py:4: late",
    ]
    assert verbs.misshapen_verbs([sample(text, path="src/mercer/catalog/queries.py")]) == []


def test_verbs_are_functions() -> None:
    obeyed(verbs.service_classes(CODE), because="A service class hides its dependencies in `self`. Write functions.")


def test_a_service_class_is_seen() -> None:
    text = "@dataclass(frozen=True)\nclass Batch: ...\nclass ProductService: ...\n"
    assert verbs.service_classes([sample(text)]) == ["src/mercer/catalog/service.py:3: ProductService"]


def test_the_clock_is_read_only_at_the_door() -> None:
    obeyed(
        verbs.clock_readings(CODE), because="Use `context.now`: it does not move during a request, and tests set it."
    )


def test_a_look_at_the_clock_is_seen() -> None:
    text = "import time\nfrom time import monotonic\nx = datetime.now(UTC)\ny = context.now\nz = date.today()\n"
    assert sorted(verbs.clock_readings([sample(text)])) == [
        "src/mercer/catalog/service.py:1: import time",
        "src/mercer/catalog/service.py:2: from time import monotonic",
        "src/mercer/catalog/service.py:3: datetime.now(UTC)",
        "src/mercer/catalog/service.py:5: date.today()",
    ]
    assert verbs.clock_readings([sample(text, path="src/mercer/app.py")]) == []


def test_nothing_outlives_a_call() -> None:
    obeyed(
        verbs.global_state(CODE), because="State that outlives a call is shared by all requests, and lost at a restart."
    )


def test_global_state_is_seen() -> None:
    text = (
        "KNOWN = {}\n"
        "seen: list[str] = []\n"
        "def remember(key, value):\n"
        "    global last\n"
        "    KNOWN[key] = value\n"
        "    del KNOWN[key]\n"
        "    seen.append(key)\n"
        "    return KNOWN.get(key)\n"
        "def local(seen):\n"
        "    KNOWN = {}\n"
        "    KNOWN['own'] = seen.append('own')\n"
    )
    assert sorted(verbs.global_state([sample(text, path="src/mercer/catalog/rules.py")])) == [
        "src/mercer/catalog/rules.py:4: global last",
        "src/mercer/catalog/rules.py:5: KNOWN[key]",
        "src/mercer/catalog/rules.py:6: KNOWN[key]",
        "src/mercer/catalog/rules.py:7: seen.append(key)",
    ]


def test_what_others_use_is_described() -> None:
    obeyed(
        verbs.undocumented(CODE), because="Other modules read the docstring instead of the code: what, units, errors."
    )


def test_a_missing_docstring_is_seen() -> None:
    models = 'class Product: ...\nclass _Own: ...\nclass Cart:\n    """What may be bought."""\n'
    service = "async def rename(context): ...\ndef spoken(channels): ...\n"
    assert verbs.undocumented([sample(models, path="src/mercer/cart/models.py"), sample(service)]) == [
        "src/mercer/cart/models.py:1: Product",
        "src/mercer/catalog/service.py:1: rename",
        "src/mercer/catalog/service.py:2: spoken",
    ]
