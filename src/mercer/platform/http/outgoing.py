"""How the outside is called: payment providers, and whoever asked to be told."""

import httpx2

TIMEOUT_S = 10.0
"""How long an answer may take, and how long a connection may take to come about, in seconds."""

MOST_CONNECTIONS = 50


def outgoing(transport: httpx2.AsyncBaseTransport | None = None) -> httpx2.AsyncClient:
    """A client for one process, which closes it at its end. It follows no redirects, and trusts no proxy settings.

    It is never called within a transaction.
    """
    return httpx2.AsyncClient(
        transport=transport,
        timeout=TIMEOUT_S,
        limits=httpx2.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_CONNECTIONS),
        follow_redirects=False,
        trust_env=False,
    )
