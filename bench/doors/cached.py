"""The cached shop, and in the same application a plain route that sends the same bytes: what the cache costs itself."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.app import BenchApp
from mercer.app import create_app
from mercer.platform.settings import Settings

PLAIN = "/plain"
"""Sends the newest of the answers that the cache has kept."""

MEMORY = 64_000_000


class CachedApp(BenchApp):
    """Mercer's application with its cache, and the plain route within the same middleware."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            settings, _with_plain_route(create_app(settings.model_copy(update={"answer_cache_bytes": MEMORY})))
        )


def _with_plain_route(app: Starlette) -> Starlette:
    async def plain(request: Request) -> Response:
        await request.body()
        [*_, newest] = app.state.answers.shelf.bodies()
        return Response(newest, media_type="application/graphql-response+json")

    app.router.routes.append(Route(PLAIN, plain, methods=["GET", "POST"]))
    return app
