"""What the reads of media are bound to."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from starlette.requests import HTTPConnection

from mercer.media.rules.addresses import media_address
from mercer.platform.context import Context
from mercer.platform.graphql.views import request

MEDIA_URL = request("media_url", sa.Text)


async def media_binds(context: Context, _request: HTTPConnection) -> Mapping[str, Any]:
    """Where media are served."""
    return {"media_url": media_address(context.settings)}
