import json
import os
import subprocess
import sys
from pathlib import Path

from tests.transfer.conftest import Shop


def run(shop: Shop, *arguments: str) -> tuple[int, str, str]:
    assert shop.settings.database_url is not None
    done = subprocess.run(
        [sys.executable, "-m", "mercer", "import", "products", *arguments],
        env=os.environ | {"MERCER_DATABASE_URL": shop.settings.database_url, "MERCER_VALKEY_URL": "unix:///nowhere"},
        cwd=shop.directory,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    return done.returncode, done.stdout, done.stderr


async def test_the_command_reports_and_its_status_tells(shop: Shop) -> None:
    file, report = shop.directory / "things.json", shop.directory / "report.ndjson"
    file.write_text('[{"sku": "A", "name": "Mug"}, {"sku": "B", "name": ""}]')
    status, printed, said = run(shop, "things.json", "--mapping", "mapping.toml", "--report", "report.ndjson")
    assert (status, printed) == (1, "1 created, 0 updated, 0 unchanged, 1 rejected\n  TextMissing: 1\n")
    assert [json.loads(line) for line in report.read_text().splitlines()] == [
        {
            "file": "things.json",
            "row": 2,
            "error": "TextMissing",
            "message": "This text may not be empty.",
            "details": {"field": "name"},
            "content": '{"sku":"B","name":""}',
        }
    ]
    assert "Traceback" not in said
    file.write_text('[{"sku": "A", "name": "Mug"}]')
    assert run(shop, "things.json", "--mapping", "mapping.toml")[:2] == (
        0,
        "0 created, 0 updated, 1 unchanged, 0 rejected\n",
    )


async def test_what_cannot_begin_is_said_in_one_sentence(shop: Shop) -> None:
    status, printed, said = run(shop, "things.json", "--mapping", "mapping.toml")
    assert (status, printed) == (2, "")
    assert "The file cannot be read. (file: things.json, reason: No such file or directory)\n" in said
    assert "Traceback" not in said
    status, printed, said = run(shop, "things.json", "--mapping", "nope.toml")
    assert (status, printed) == (2, "")
    assert said.startswith("The mapping cannot be used. (mapping: nope.toml, reason: No such file or directory.")
    (shop.directory / "things.json").write_text("[]")
    status, printed, said = run(shop, "things.json", "--mapping", "mapping.toml", "--report", str(Path("no") / "where"))
    assert (status, said) == (2, "The report cannot be written: No such file or directory.\n")
