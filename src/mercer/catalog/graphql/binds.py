"""What the catalogue's reads are bound to."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from starlette.requests import HTTPConnection

from mercer.catalog.rules.texts import search_configuration
from mercer.platform.context import Context
from mercer.platform.graphql.views import request

NOW = request("now", sa.DateTime(timezone=True))
SEARCH_CONFIGURATION = request("search_configuration", sa.Text)


async def catalog_binds(context: Context, _request: HTTPConnection) -> Mapping[str, Any]:
    """How the request's language is searched."""
    return {"search_configuration": search_configuration(context.binds["language"])}
