"""What most commands begin with: which desk, and who has it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import click

from bot.desk import Desk
from bot.refused import Refused

Command = TypeVar("Command", bound=Callable[..., Any])


def desk_option(command: Command) -> Command:
    """Add --desk DIR, the current folder if it is not given."""
    return click.option(
        "--desk",
        "folder",
        type=click.Path(path_type=Path),
        default=Path(),
        envvar="FRONTDESK_DESK",
        metavar="DIR",
        help="The desk's folder (the current one).",
    )(command)


def json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="For programs.")(command)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, as an operator reaches it."""

    url: str
    token: str

    def get(self, path: str) -> dict[str, Any]:
        return self._ask("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._ask("POST", path, body)

    def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._ask("PUT", path, body)

    def delete(self, path: str) -> dict[str, Any]:
        return self._ask("DELETE", path, None)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            connection.request(method, f"/api/v1/{path}", json.dumps(body or {}), headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Refused(f"The server at {self.url} does not answer: {error}.") from error
        finally:
            connection.close()
        if response.status != http.client.OK or not isinstance(answer, dict):
            raise Refused(str(answer.get("detail", f"The server answered {response.status}.")))
        return answer


def running(desk: Desk) -> Server | None:
    """
    Return the server of a desk, if one runs.

    Raises:
        Refused: somebody holds the desk who cannot be asked: a server that starts, another command.
    """
    holder = desk.holder()
    if holder is None:
        return None
    if not holder.url:
        raise Refused(f"Process {holder.pid} is busy with the desk {desk.folder}; try again soon.")
    return Server(holder.url, desk.operator_token())


@contextlib.contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """
    Give a scratch folder whose files are moved to `folder` when the block ends well, desk.toml last.

    Raises:
        Refused: something is there already, or it cannot be written to.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is not empty; name a new folder.")
    scratch, ours = folder / f".new-{os.getpid()}", not folder.exists()
    try:
        scratch.mkdir(parents=True)
        yield scratch
        for entry in sorted(scratch.iterdir(), key=lambda entry: entry.name == "desk.toml"):
            entry.rename(folder / entry.name)
    except OSError as error:
        raise Refused(f"{folder} cannot be written to: {error.strerror}.") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if ours:
            with contextlib.suppress(OSError):  # it is not empty: all went well
                folder.rmdir()


def copy_files(source: Path, folder: Path) -> None:
    """Copy all below `source`; the first file that fails ends it, with its own OSError."""
    for file in source.rglob("*"):
        if file.is_file():
            target = folder / file.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def quoted(part: str) -> str:
    """Return a part of a path as it can stand in a URL."""
    return quote(part, safe="")
