"""What tests of API keys share: the documents by which they are made, and programs that hold them."""

from typing import Any

import httpx2
from tests.callers import Caller

KEY = "id name permissions grants { permission channelIds } isActive expiresAt revokedAt version"
REFUSED = "... on Error { code path } ... on PermissionsLacking { permissions }"
FAULTY = "... on PermissionsNotForKeys { permissions } ... on InvalidInput { fields { path } }"
ISSUED = f"... on ApiKeyIssued {{ key apiKey {{ {KEY} }} }} {REFUSED}"
CREATE = f"mutation ($input: ApiKeyCreateInput!) {{ apiKeyCreate(input: $input) {{ {ISSUED} {FAULTY} }} }}"
UPDATE = f"""mutation ($id: ID!, $input: ApiKeyUpdateInput!) {{ apiKeyUpdate(id: $id, input: $input) {{
    ... on ApiKey {{ {KEY} }} {REFUSED} {FAULTY} ... on VersionConflict {{ current }} }} }}"""
ROTATE = f"mutation ($id: ID!) {{ apiKeyRotate(id: $id) {{ {ISSUED} }} }}"
REVOKE = f"mutation ($id: ID!) {{ apiKeyRevoke(id: $id) {{ ... on ApiKey {{ {KEY} }} ... on Error {{ code path }} }} }}"


def holding(http: httpx2.AsyncClient, key: str) -> Caller:
    """A program with this key."""
    return Caller(http, "/admin/graphql", {"Authorization": f"Bearer {key}"})


async def issued(staff: Caller, *permissions: str, **given: Any) -> tuple[str, str]:
    """A new key's id, and the key."""
    asked = {"name": "Sync", "permissions": permissions, **given}
    made = (await staff(CREATE, {"input": asked}))["apiKeyCreate"]
    return made["apiKey"]["id"], made["key"]


async def is_let_in(http: httpx2.AsyncClient, key: str) -> bool:
    answer = await holding(http, key).send("{ __typename }")
    assert answer.status_code in {200, 401}, answer.text
    return answer.status_code == 200
