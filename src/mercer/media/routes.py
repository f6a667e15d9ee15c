"""Pictures over plain HTTP: how they are uploaded, and how they are served."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from mercer.media import jobs, service
from mercer.media.errors import FormatUnknown, PictureRefused
from mercer.media.models import Picture
from mercer.media.rules.addresses import media_address
from mercer.media.rules.sizes import CACHE_BRIEFLY, CACHE_FOR_EVER, is_unchanging, served_as
from mercer.platform.errors import RequestRefused
from mercer.platform.graphql.failures import describe_refusal
from mercer.platform.http.requests import ClientGone, read_body
from mercer.platform.module import MakeContext
from mercer.platform.permissions import check_access
from mercer.platform.settings import Settings
from mercer.platform.storage import storage_of

UPLOADS_AT_ONCE = 8
"""How many uploads a process takes at a time. Each lies in memory until it is stored."""

UPLOAD_S = 120
"""How long an upload may take to arrive."""

SERVED = MappingProxyType(
    {
        # A drawing in SVG may hold scripts: opened by itself, it runs none and loads nothing.
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Accept-Ranges": "none",
    }
)

log = structlog.get_logger("mercer.media")


class TooManyUploads(RequestRefused):
    """As many uploads as this process takes are under way."""

    def __init__(self) -> None:
        super().__init__(
            "Too many uploads at once. Please try again.",
            code="UNAVAILABLE",
            status=503,
            headers={"Retry-After": "2"},
        )


def media_routes(settings: Settings, make_context: MakeContext) -> list[BaseRoute]:
    """`POST /admin/uploads` takes pictures, `/media/…` serves them. Raises `SettingsInvalid`."""
    if settings.storage_url is not None:
        storage_of(settings)  # what is wrong with it is better known at the start
    uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)
    return [
        Route("/admin/uploads", partial(_guarded, settings, partial(_upload, make_context, uploads)), methods=["POST"]),
        Route("/media/{path:path}", partial(_guarded, settings, partial(_serve, settings)), methods=["GET"]),
    ]


async def _guarded(settings: Settings, answer: Callable[[Request], Awaitable[Response]], request: Request) -> Response:
    """An answer, or the refusal in the shape that GraphQL's errors have."""
    try:
        return await answer(request)
    except RequestRefused as refused:
        body = orjson.dumps({"errors": describe_refusal(refused, settings)})
        headers = {"Cache-Control": "no-store", **refused.headers}
        return Response(body, refused.status, headers, "application/json; charset=utf-8")
    except ClientGone:
        return Response(status_code=400)


async def _upload(make_context: MakeContext, uploads: asyncio.Semaphore, request: Request) -> Response:
    context = await make_context(request)
    context = replace(context, origin=replace(context.origin, operation="POST /admin/uploads"))
    check_access(context.actor, ["media.manage"], operation=context.origin.operation)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestRefused("Send the picture not compressed.", code="UNSUPPORTED_MEDIA_TYPE", status=415)
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        raise RequestRefused(
            "Send the picture itself as the body, not in a form.", code="UNSUPPORTED_MEDIA_TYPE", status=415
        )
    if uploads.locked():
        raise TooManyUploads
    async with uploads:
        content = await _body(request, limit=context.settings.upload_bytes)
        try:
            picture = await service.store_picture(context, content=content, then=jobs.render)
        except PictureRefused as refused:
            raise _refusal(refused) from None
    return JSONResponse(_described(picture, context.settings), 201, {"Cache-Control": "no-store"})


async def _body(request: Request, *, limit: int) -> bytes:
    announced = request.headers.get("content-length")
    try:
        async with asyncio.timeout(UPLOAD_S):
            return await read_body(request.receive, limit=limit, announced=announced.encode() if announced else None)
    except TimeoutError:
        raise RequestRefused("The upload took too long.", code="TIMEOUT", status=408) from None


def _refusal(refused: PictureRefused) -> RequestRefused:
    name = type(refused).__name__
    code = "".join(f"_{letter}" if letter.isupper() else letter for letter in name).strip("_").upper()
    return RequestRefused(refused.message, code=code, status=415 if isinstance(refused, FormatUnknown) else 422)


def _described(picture: Picture, settings: Settings) -> Mapping[str, object]:
    return {
        "id": str(picture.id),
        "url": media_address(settings) + picture.path,
        "width": picture.width,
        "height": picture.height,
        "mediaType": picture.media_type,
        "state": picture.state.name,
    }


async def _serve(settings: Settings, request: Request) -> Response:
    path = request.path_params["path"]
    media_type = served_as(path)
    opened = await storage_of(settings).open(path) if media_type else None
    if opened is None:
        return Response("Not found.", 404, {"Cache-Control": "public, max-age=5"}, "text/plain")
    headers = {
        **SERVED,
        "ETag": opened.found.etag,
        "Cache-Control": CACHE_FOR_EVER if is_unchanging(path) else CACHE_BRIEFLY,
    }
    if _is_known(request.headers.get("if-none-match", ""), opened.found.etag):
        return Response(status_code=304, headers=headers)
    headers |= {"Content-Length": str(opened.found.size), "Content-Type": media_type or ""}
    if request.method == "HEAD":
        return Response(status_code=200, headers=headers)
    return StreamingResponse(opened.chunks(), headers=headers)


def _is_known(known: str, etag: str) -> bool:
    """Whether the client has it already: If-None-Match, compared weakly (RFC 9110, 13.1.2)."""
    tags = {each.strip().removeprefix("W/") for each in known.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags
