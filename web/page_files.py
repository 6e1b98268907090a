"""The built page as it is served: static files, compressed, with strict headers."""

import gzip
from functools import lru_cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
PLAYER = "https://www.youtube-nocookie.com"
"""Where the one frame may come from that the page shows, once its user asks for it."""
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        f"frame-src {PLAYER}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # YouTube's player refuses to play for a page that tells nothing of itself.
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
}
TEXT = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
}
"""What is worth to be compressed: fonts are already."""
FOR_EVER = "public, max-age=31536000, immutable"
"""For files whose names change with what is in them."""


class PageFiles(StaticFiles):
    """The page: its files, and its first one for every address that it makes up itself."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC, html=True, check_dir=False)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file; the first one for an address that names none."""
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or Path(path).suffix or Path(path).parts[:1] == ("api",):
                raise
            response = await super().get_response("index.html", scope)
        if isinstance(response, FileResponse) and _may_be_smaller(response, scope):
            response = await run_in_threadpool(_compressed, Path(response.path))
        response.headers.update(HEADERS)
        response.headers["Cache-Control"] = FOR_EVER if path.startswith("assets") else "no-cache"
        return response


def _may_be_smaller(response: FileResponse, scope: Scope) -> bool:
    accepted = Headers(scope=scope).get("accept-encoding", "")
    return "gzip" in accepted and Path(response.path).suffix in TEXT


def _compressed(path: Path) -> Response:
    headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    content = _gzip(path, path.stat().st_mtime_ns)
    return Response(content, media_type=TEXT[path.suffix], headers=headers)


@lru_cache(maxsize=64)
def _gzip(path: Path, _: int) -> bytes:
    """Compress a file once for as long as it stays the same."""
    return gzip.compress(path.read_bytes())
