"""The page and its routes, served beside the LangGraph API (`http.app` in langgraph.json)."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse

from cliptrail.state.errors import CliptrailError, LibraryError, VideoNotFound
from cliptrail.web.access import NoSuchRun
from cliptrail.web.auth import NotAllowed
from cliptrail.web.page_files import PageFiles
from cliptrail.web.routes import choices, command_line, forks, library, plans, runs

STATUS: dict[type[CliptrailError], int] = {
    NotAllowed: 401,
    NoSuchRun: 404,
    VideoNotFound: 404,
    LibraryError: 503,
}
"""What a browser is told of an error; 400 for all others."""


async def told(_: Request, error: Exception) -> JSONResponse:
    """Return an error raised on purpose as JSON: what happened, and what to do about it."""
    assert isinstance(error, CliptrailError)
    code = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    body = {"message": error.message, "next_step": error.next_step}
    return JSONResponse(body, status_code=code)


def build() -> FastAPI:
    """Return the app; the server puts its own routes beside these."""
    # Without a document of its own: the server's /openapi.json must not be hidden.
    app = FastAPI(title="cliptrail", openapi_url=None)
    app.add_exception_handler(CliptrailError, told)
    api = APIRouter(prefix="/app/api")
    for part in (choices, plans, library, runs, forks, command_line):
        api.include_router(part.router)
    app.include_router(api)
    app.add_api_route("/app", lambda: RedirectResponse("/app/"), include_in_schema=False)
    app.mount("/app", PageFiles())
    return app


app = build()
