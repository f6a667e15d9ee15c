"""What staff ask of taxes, for several tests."""

from typing import Any

from tests.selling import Selling

WRONG = "... on Error { path } ... on InvalidInput { fields { path message } }"
ERROR = f"{WRONG} ... on VersionConflict {{ current }}"
CLASS = "id code name isDefault version"
ZONE = "id code name areas { country region postalFrom postalTo } version"
RATE = "id zone { code } taxClass { code } name rate beginsAt endsAt version"
CLASS_CREATE = f"""mutation ($input: TaxClassCreateInput!) {{ taxClassCreate(input: $input) {{
    __typename ... on TaxClass {{ {CLASS} }} {WRONG} }} }}"""
CLASS_UPDATE = f"""mutation ($id: ID!, $input: TaxClassUpdateInput!) {{ taxClassUpdate(id: $id, input: $input) {{
    __typename ... on TaxClass {{ {CLASS} }} {ERROR} }} }}"""
CLASS_DELETE = f"""mutation ($id: ID!, $version: Int) {{ taxClassDelete(id: $id, version: $version) {{
    __typename ... on TaxClassDeleted {{ id }} ... on TaxClassInUse {{ rates products }} {ERROR} }} }}"""
ASSIGN = f"""mutation ($ids: [ID!]!, $class: ID) {{ taxClassAssign(productIds: $ids, taxClassId: $class) {{
    __typename ... on TaxClassAssigned {{ products {{ slug taxClass {{ code }} }} }} {WRONG} }} }}"""
ZONE_CREATE = f"""mutation ($input: TaxZoneCreateInput!) {{ taxZoneCreate(input: $input) {{
    __typename ... on TaxZone {{ {ZONE} }} ... on TaxAreaTaken {{ zone }} {WRONG} }} }}"""
ZONE_UPDATE = f"""mutation ($id: ID!, $input: TaxZoneUpdateInput!) {{ taxZoneUpdate(id: $id, input: $input) {{
    __typename ... on TaxZone {{ {ZONE} }} ... on TaxAreaTaken {{ zone }} {ERROR} }} }}"""
ZONE_DELETE = f"""mutation ($id: ID!, $version: Int) {{ taxZoneDelete(id: $id, version: $version) {{
    __typename ... on TaxZoneDeleted {{ id }} ... on TaxZoneInUse {{ rates }} {ERROR} }} }}"""
RATE_CREATE = f"""mutation ($input: TaxRateCreateInput!) {{ taxRateCreate(input: $input) {{
    __typename ... on TaxRate {{ {RATE} }} ... on TaxRatesOverlap {{ id beginsAt endsAt }} {WRONG} }} }}"""
RATE_UPDATE = f"""mutation ($id: ID!, $input: TaxRateUpdateInput!) {{ taxRateUpdate(id: $id, input: $input) {{
    __typename ... on TaxRate {{ {RATE} }} ... on TaxRatesOverlap {{ id }} {ERROR} }} }}"""
SCHEDULE = f"""mutation ($id: ID!, $input: TaxRateScheduleInput!) {{ taxRateSchedule(id: $id, input: $input) {{
    __typename ... on TaxRate {{ {RATE} }} ... on TaxRatesOverlap {{ id }} {ERROR} }} }}"""
RATE_DELETE = f"""mutation ($id: ID!, $version: Int) {{ taxRateDelete(id: $id, version: $version) {{
    __typename ... on TaxRateDeleted {{ id }} {ERROR} }} }}"""
STORED = """
    SELECT (SELECT json_agg(c ORDER BY id) FROM tax.tax_class c)::text,
        (SELECT json_agg(z ORDER BY id) FROM tax.zone z)::text, (SELECT json_agg(a ORDER BY id) FROM tax.area a)::text,
        (SELECT json_agg(r ORDER BY id) FROM tax.rate r)::text,
        (SELECT json_agg(p ORDER BY product_id) FROM tax.product_tax_class p)::text
"""
NOBODY = ("019a0000-0000-7000-8000-000000000000", "nonsense")


def said(moment: Any) -> str:
    return str(moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


async def a_class(selling: Selling, code: str = "books", **given: Any) -> Any:
    return await selling.change(CLASS_CREATE, {"input": {"code": code, "name": code.title(), **given}})


async def a_zone(selling: Selling, code: str = "de", *areas: Any) -> Any:
    shown = list(areas) or [{"country": code.upper()}]
    return await selling.change(ZONE_CREATE, {"input": {"code": code, "name": code.upper(), "areas": shown}})


async def a_rate(selling: Selling, zone: Any, rate: str = "0.19", **given: Any) -> Any:
    standard = await standard_class(selling)
    values = {"zoneId": zone["id"], "taxClassId": standard, "name": "VAT", "rate": rate, **given}
    return await selling.change(RATE_CREATE, {"input": values})


async def standard_class(selling: Selling) -> str:
    return str((await selling.admin('{ taxClass(code: "standard") { id } }'))["taxClass"]["id"])
