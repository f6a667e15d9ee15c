import zipfile
from collections import Counter
from pathlib import Path

import pytest
from tests.contents import fetch
from tests.transfer.conftest import Shop

from mercer.transfer.service import read_mapping

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "pc-part-dataset" / "json.zip"
SLICE = {"cpu": 1413, "power-supply": 3438, "webcam": 78, "fan-controller": 54, "os": 62}

pytestmark = pytest.mark.skipif(not ARCHIVE.exists(), reason="the real set is not there")


async def test_a_slice_of_the_real_set_is_imported_whole(shop: Shop) -> None:
    path = shop.directory / "slice.zip"
    with zipfile.ZipFile(ARCHIVE) as whole, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as part:
        for name in SLICE:
            part.writestr(f"json/{name}.json", whole.read(f"json/{name}.json"))
    shop.mapping = read_mapping("pc-parts")
    report = await shop.take_file(path)
    assert (report.created, report.rejected, report.failures) == (sum(SLICE.values()), 0, [])
    async with shop.context.database.transaction() as connection:
        types = await fetch(
            connection,
            "SELECT t.code, count(*) FROM catalog.product p JOIN catalog.product_type t "
            "ON t.id = p.product_type_id GROUP BY t.code",
        )
        modular = await fetch(
            connection,
            "SELECT c.name, count(*) FROM catalog.product_attribute_choice pc "
            "JOIN catalog.attribute_choice c ON c.id = pc.choice_id JOIN catalog.attribute a ON a.id = c.attribute_id "
            "WHERE a.code = 'modular' GROUP BY c.name",
        )
        priced = await fetch(connection, "SELECT count(*), count(start_amount) FROM pricing.listed_range")
    assert dict(types) == SLICE
    assert Counter(dict(modular)) == {"Full": 1544, "No": 1332, "Semi": 554, "Full / Side": 8}
    assert priced == [(sum(SLICE.values()), 1194)]
    before = await shop.stamps()
    assert (await shop.take_file(path)).unchanged == sum(SLICE.values())
    assert await shop.stamps() == before
