import json
import os
import subprocess
import sys
from pathlib import Path

from tests.transfer.conftest import Shop
from tests.transfer.past_sales import GB, HEADER, sale

from mercer.channels.service import store_channels
from mercer.platform.transactions import transaction


def run(shop: Shop, *arguments: str, what: str = "products") -> tuple[int, str, str]:
    assert shop.settings.database_url is not None
    done = subprocess.run(
        [sys.executable, "-m", "mercer", "import", what, *arguments],
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


async def test_the_command_for_orders_reports_rows_and_money(shop: Shop) -> None:
    async with transaction(shop.context) as context:
        await store_channels(context, channels=[GB])
    file = shop.directory / "sales.csv"
    file.write_text(HEADER + sale("1", quantity=2) + sale("1", quantity=2) + sale("C2", quantity=-1) + sale("3", "B"))
    arguments = ("sales.csv", "--mapping", "uci-online-retail", "--channel", "gb", "--report", "report.ndjson")
    rest = """  1 are credits: what 1 of their lines take back from can be told
  0 cancelled, as all was taken back; 1 partially refunded
4 rows: 2 lines, 1 merged, 1 rejected
  BookkeepingRow: 1
4.80 GBP: 4.80 sold, -1.20 taken back, 1.20 rejected
"""
    status, printed, said = run(shop, *arguments, what="orders")
    assert "Traceback" not in said
    assert (status, printed) == (1, f"2 orders created, 0 unchanged\n{rest}")
    assert json.loads((shop.directory / "report.ndjson").read_text())["details"] == {"code": "B"}
    assert run(shop, *arguments, what="orders")[:2] == (1, f"0 orders created, 2 unchanged\n{rest}")
    status, printed, said = run(shop, *arguments[:3], "--channel", "mars", what="orders")
    assert (status, printed) == (2, "")
    assert "(channel: mars)" in said
