"""Sessions in cookies: out of scripts' reach, and of no use to other sites' pages."""

from dataclasses import replace

import httpx2
import pytest
from tests.callers import calling, shop_caller
from tests.identity.people import PASSWORD, Person, a_customer, a_staff_member, as_customer, code_of

from mercer.identity import service
from mercer.platform.context import Context
from mercer.platform.settings import Environment, Settings
from mercer.platform.transactions import transaction

SIGN_IN = """mutation ($email: String!, $password: String!) {
    sessionCreate(email: $email, password: $password, transport: COOKIE) { ... on Session { token expiresAt } } }"""


async def _cookie(http: httpx2.AsyncClient, path: str, person: Person) -> str:
    """What the browser is told to keep."""
    answer = await http.post(path, json={"query": SIGN_IN, "variables": {"email": person.email, "password": PASSWORD}})
    assert answer.json()["data"]["sessionCreate"]["token"] is None
    [header] = answer.headers.get_list("set-cookie")
    http.cookies.clear()
    return str(header)


@pytest.mark.parametrize(
    ("path", "name", "seconds"), [("/shop", "mercer_shop", 2_592_000), ("/admin", "mercer_admin", 86_400)]
)
async def test_a_cookie_no_script_can_read(
    context: Context, own_http: httpx2.AsyncClient, path: str, name: str, seconds: int
) -> None:
    person = await a_customer(context) if path == "/shop" else await a_staff_member(context)
    value, *attributes = (await _cookie(own_http, f"{path}/graphql", person)).split("; ")
    assert value.startswith(f"{name}={name}_")
    assert attributes == ["HttpOnly", f"Max-Age={seconds}", f"Path={path}", "SameSite=Lax"]
    sent = {"cookie": value, "origin": "http://test"}
    answer = await own_http.post(f"{path}/graphql", json={"query": "{ me { email } }"}, headers=sent)
    assert answer.json() == {"data": {"me": {"email": person.email}}}
    ended = await own_http.post(
        f"{path}/graphql", json={"query": "mutation { sessionEnd { __typename } }"}, headers=sent
    )
    assert ended.headers["set-cookie"] == f'{name}=""; HttpOnly; Max-Age=0; Path={path}; SameSite=Lax'
    again = await own_http.post(f"{path}/graphql", json={"query": "{ me { email } }"}, headers=sent)
    assert code_of(again) == (401, "UNAUTHENTICATED")
    assert again.headers["set-cookie"] == f'{name}=""; HttpOnly; Max-Age=0; Path={path}; SameSite=Lax'


async def test_cookies_go_over_tls_only(context: Context, shop_settings: Settings) -> None:
    person = await a_customer(context)
    secure = shop_settings.model_copy(update={"public_url": "https://api.shop.example"})
    production = shop_settings.model_copy(update={"environment": Environment.PRODUCTION})
    for settings in (secure, production):
        async with calling(settings) as http:
            cookie = await _cookie(http, "/shop/graphql", person)
        assert cookie.startswith("__Secure-mercer_shop=mercer_shop_")
        assert cookie.endswith("; SameSite=Lax; Secure")


@pytest.mark.parametrize(
    ("api", "headers", "is_let_in"),
    [
        ("shop", {"origin": "http://test"}, True),
        ("shop", {"sec-fetch-site": "same-origin"}, True),
        ("shop", {"origin": "https://shop.example", "sec-fetch-site": "same-site"}, True),
        ("shop", {"origin": "https://evil.example"}, False),
        ("shop", {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}, False),
        ("shop", {"origin": "null"}, False),
        ("shop", {"sec-fetch-site": "cross-site"}, False),
        ("shop", {"sec-fetch-site": "none"}, False),
        ("shop", {}, False),
        ("admin", {"origin": "http://test"}, True),
        ("admin", {"sec-fetch-site": "same-origin"}, True),
        ("admin", {"origin": "https://shop.example"}, False),
        ("admin", {"origin": "https://shop.example", "sec-fetch-site": "same-site"}, False),
        ("admin", {}, False),
    ],
)
async def test_other_sites_pages_change_nothing(
    context: Context, own_http: httpx2.AsyncClient, api: str, headers: dict[str, str], *, is_let_in: bool
) -> None:
    person = await a_customer(context) if api == "shop" else await a_staff_member(context)
    cookie = f"mercer_{api}={person.token}"
    mutation = {"query": "mutation { sessionRevokeOthers { __typename } }"}
    answer = await own_http.post(f"/{api}/graphql", json=mutation, headers={"cookie": cookie} | headers)
    if is_let_in:
        assert answer.json() == {"data": {"sessionRevokeOthers": {"__typename": "SessionsEnded"}}}
    else:
        assert code_of(answer) == (403, "FOREIGN_ORIGIN")
    asked = await own_http.get(f"/{api}/graphql", params={"query": "{ __typename }"}, headers={"cookie": cookie})
    assert asked.status_code == 200  # a query changes nothing, and no other site can read the answer


async def test_no_storefront_reads_what_staff_may_see(context: Context, own_http: httpx2.AsyncClient) -> None:
    """Storefronts' pages may read what the APIs answer them. So the staff cookie opens nothing for them."""
    person = await a_staff_member(context)
    for origin, status in ((None, 200), ("http://test", 200), ("https://shop.example", 403)):
        headers = {"cookie": f"mercer_admin={person.token}"} | ({} if origin is None else {"origin": origin})
        answer = await own_http.get("/admin/graphql", headers=headers, params={"query": "{ me { email } }"})
        assert answer.status_code == status, origin


async def test_a_bearer_token_goes_before_a_cookie(context: Context, own_http: httpx2.AsyncClient) -> None:
    one, other = await a_customer(context), await a_customer(context)
    caller = one.at(own_http)
    both = replace(caller, headers=caller.headers | {"cookie": f"mercer_shop={other.token}"})
    assert await both("{ me { email } }") == {"me": {"email": one.email}}


async def test_a_dead_cookie_is_taken_back_and_the_next_request_is_a_guests(
    context: Context, own_http: httpx2.AsyncClient
) -> None:
    person = await a_staff_member(context)
    for value in (person.token, "nonsense", "mercer_shop_" + "x" * 43):
        answer = await own_http.post(
            "/shop/graphql", json={"query": "{ __typename }"}, headers={"cookie": f"mercer_shop={value}"}
        )
        assert code_of(answer) == (401, "UNAUTHENTICATED")
        assert answer.headers["set-cookie"].startswith('mercer_shop=""; HttpOnly; Max-Age=0')
    assert await shop_caller(own_http)("{ __typename }") == {"__typename": "Query"}


async def test_whoever_has_a_dead_session_can_open_a_new_one(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_customer(context)
    async with transaction(as_customer(context, person)) as inner:
        await service.end_session(inner)
    for headers in ({"cookie": f"mercer_shop={person.token}"}, {"authorization": f"Bearer {person.token}"}):
        answer = await own_http.post(
            "/shop/graphql",
            json={"query": SIGN_IN, "variables": {"email": person.email, "password": PASSWORD}},
            headers=headers,
        )
        assert "expiresAt" in answer.json()["data"]["sessionCreate"]
        for query in ("{ me { id } }", "{ __typename }", "mutation { sessionEnd { __typename } }"):
            answer = await own_http.post("/shop/graphql", json={"query": query}, headers=headers)
            assert code_of(answer) == (401, "UNAUTHENTICATED")
