"""The command `cliptrail serve`: a LangGraph server with every pattern, on this machine."""

import importlib.util
import ipaddress
import os
import socket
import threading
import time
from pathlib import Path
from typing import Annotated, Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import typer
from dotenv import load_dotenv

from cliptrail.cli.errors import exit_on_error
from cliptrail.state.errors import CliptrailError, UsageError
from cliptrail.tools.keys import known_keys
from cliptrail.tools.settings import Settings, settings

PORT = 2024
"""Where the LangGraph SDKs look for a server."""
RUNS_AT_ONCE = 10
READY_WITHIN_S = 60.0
NOT_STARTED = 3
"""What uvicorn ends with when the server cannot start."""
QUIET = {
    "LOG_LEVEL": "WARNING",
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
    "LANGGRAPH_NO_VERSION_CHECK": "1",
    "LANGSMITH_TRACING": "false",
}
"""Set unless they are already: with these the server makes no connections and logs little."""


@exit_on_error()
def serve_command(
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Where it listens.")] = PORT,
    host: Annotated[
        str, typer.Option(help="Network address; others than this machine's need keys.")
    ] = "127.0.0.1",
    jobs: Annotated[int, typer.Option(min=1, max=1_000, help="Runs at once.")] = RUNS_AT_ONCE,
) -> None:
    """Serve the page, and every pattern over the LangGraph API: for Studio, the SDKs and MCP.

    Runs survive a crash. Without keys it answers this machine only: see `cliptrail key`.
    """
    if importlib.util.find_spec("langgraph_api") is None:
        raise UsageError(
            "The server is not installed.", 'Install it: pip install "cliptrail[serve]"'
        )
    # Imported here: LangGraph takes a second, and the help text does not need it.
    from cliptrail.web.starting import check_files, own_folder

    _prepare()
    with own_folder(settings()) as folder:
        check_files(settings())
        keys = len(known_keys(settings()))
        _check(host, port, keys)
        os.chdir(folder)
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        threading.Thread(target=_announce, args=(url, keys), daemon=True).start()
        _run(host, port, jobs)


def _prepare() -> None:
    """Make this process one of a server: of its folder, and with the rights of its clients."""
    load_dotenv(".env")
    for name, value in QUIET.items():
        if name != "LANGSMITH_TRACING" or "LANGCHAIN_TRACING_V2" not in os.environ:
            os.environ.setdefault(name, value)
    # Set for the person at the command line; a client may not name any file on this machine.
    os.environ["CLIPTRAIL_ANY_PATH"] = "false"
    settings.cache_clear()
    for name, path in _paths(settings()).items():
        os.environ[name] = path
    settings.cache_clear()


def _paths(now: Settings) -> dict[str, str]:
    """Return the settings that name files, from the root on: the server runs in another folder."""
    found = {
        "CLIPTRAIL_DATA_DIR": str(now.data_dir.absolute()),
        "CLIPTRAIL_OUTPUT_DIR": str(now.output_dir.absolute()),
        "CLIPTRAIL_KEYS": str(now.keys_path.absolute()),
        "CLIPTRAIL_LIBRARY": str(Path(now.library).absolute()) if now.library else "",
        "CLIPTRAIL_AGENTS": _all(now.agent_files),
        "CLIPTRAIL_PATTERNS": _all(now.pattern_files),
    }
    return {name: value for name, value in found.items() if value}


def _all(files: tuple[Path, ...]) -> str:
    return ",".join(str(file.expanduser().absolute()) for file in files)


def _check(host: str, port: int, keys: int) -> None:
    if not keys and not _is_here(host):
        raise UsageError(
            f"--host {host} opens the server to other machines, and there are no keys.",
            "Make one first: cliptrail key new NAME",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"{host}:{port} cannot be used: {error.strerror or error}.",
                f"Name another one: cliptrail serve --port {port % 65_535 + 1}",
            ) from error


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _announce(url: str, keys: int) -> None:
    """Say what to open as soon as it can be opened."""
    if not _ready(url):
        return
    for line in addresses(url, keys):
        typer.echo(line)


def _ready(url: str) -> bool:
    ask = build_opener(ProxyHandler({})).open
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with ask(f"{url}/ok", timeout=5):
                return True
        except (URLError, OSError):
            time.sleep(0.1)
    return False


def addresses(url: str, keys: int) -> tuple[str, ...]:
    """Return what a person wants to know of a server that is ready.

    Args:
        url: where it listens.
        keys: how many there are.
    """
    return (
        f"Page:   {url}/app/",
        f"API:    {url}  (described in {url}/openapi.json)",
        f"MCP:    {url}/mcp",
        f"Studio: https://smith.langchain.com/studio/?baseUrl={url}",
        "Keys:   every call needs one, as X-Api-Key"
        if keys
        else "Keys:   none, so it answers this machine only; make one: cliptrail key new NAME",
        f"Files:  {settings().output_dir}",
        "Stop it with Ctrl-C.",
    )


def _run(host: str, port: int, jobs: int) -> None:
    # Not at the top of the file: it is an extra, and prepares the process when it is imported.
    from langgraph_api.cli import run_server

    from cliptrail.web.configuration import installed_configuration
    from cliptrail.web.starting import LISTS

    parts: dict[str, Any] = installed_configuration()
    try:
        run_server(host, port, n_jobs_per_worker=jobs, **parts)
    except SystemExit as end:
        if end.code != NOT_STARTED:
            raise
        raise CliptrailError(
            "The server did not start; what it says above tells why.",
            f"If it cannot read its list of threads, move {Path(LISTS).absolute()} away: what runs "
            f"stored is in {settings().served_file}.",
        ) from end
