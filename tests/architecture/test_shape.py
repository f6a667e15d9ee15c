"""The size of files and functions, names, and imports out of place."""

from tests.architecture import shape
from tests.architecture.sources import sample, sources
from tests.architecture.verdict import obeyed

CODE = sources("src", "tests", "bench")


def test_files_are_short() -> None:
    obeyed(shape.long_files(CODE), because="A file over 400 lines holds several things. Give each a file of its own.")


def test_a_long_file_is_seen() -> None:
    assert shape.long_files([sample("\n" * 400, path="src/fine.py"), sample("\n" * 401, path="src/long.py")]) == [
        "src/long.py has 401 lines"
    ]


def test_functions_are_short() -> None:
    obeyed(shape.long_functions(CODE), because="A function over 60 lines does several things. Name its parts.")


def test_a_long_function_is_seen() -> None:
    fine = "def fine():\n" + "    pass\n" * 59
    long = "class Sample:\n    async def long(self):\n" + "        pass\n" * 60
    assert shape.long_functions([sample(fine), sample(long, path="src/long.py")]) == [
        "src/long.py:2: long has 61 lines"
    ]


def test_names_say_something() -> None:
    obeyed(shape.empty_names(CODE), because="Such a name says nothing, so all sorts of things gather under it.")


def test_an_empty_name_is_seen() -> None:
    assert shape.empty_names(
        [
            sample("", path="src/mercer/catalog/utils.py"),
            sample("", path="src/mercer/common/money.py"),
            sample("", path="src/mercer/platform/http_helpers.py"),
            sample("class Money: ...\n\nclass CartManager: ...", path="src/mercer/values/commons.py"),
        ]
    ) == [
        "src/mercer/catalog/utils.py: utils",
        "src/mercer/common/money.py: common",
        "src/mercer/platform/http_helpers.py: http_helpers",
        "src/mercer/values/commons.py:3: CartManager",
    ]


def test_imports_stand_at_the_top() -> None:
    obeyed(
        shape.unexplained_local_imports(CODE),
        because="An import inside a function hides what the file depends on. Move it, or say why on its line.",
    )


def test_an_import_inside_a_function_is_seen() -> None:
    text = (
        "import this\n"
        "def f():\n"
        "    import slow  # noqa: PLC0415 — takes a second, and few need it\n"
        "    import hidden  # noqa: PLC0415\n"
        "    from hidden import more\n"
    )
    assert shape.unexplained_local_imports([sample(text, path="src/f.py")]) == [
        "src/f.py:4: import hidden  # noqa: PLC0415",
        "src/f.py:5: from hidden import more",
    ]
