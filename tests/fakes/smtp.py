"""A mail server on loopback: takes mails, asks for a password and speaks TLS where it is told to, and refuses whom it does not know."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self


@dataclass
class FakeMail:
    """
    Used as `with FakeMail() as server`.

    `password` is what somebody must log in with, empty where nobody must; `unknown` are those it takes no mail for; `busy` are so many
    mails that it refuses for now; `taken` is set by the first that it took.
    """

    tls: ssl.SSLContext | None = None
    password: str = ""
    unknown: set[str] = field(default_factory=set)
    busy: int = 0
    mails: list[str] = field(default_factory=list)
    taken: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def __enter__(self) -> Self:
        world = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                talk = _Talk(world, self)
                try:
                    talk.run()
                finally:
                    talk.close()

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Talk:
    """One connection, RFC 5321 as far as smtplib goes."""

    def __init__(self, world: FakeMail, handler: socketserver.StreamRequestHandler) -> None:
        self._world = world
        self._handler = handler
        self._input: Any = handler.rfile
        self._output: Any = handler.wfile
        self._secret = ""
        self._kept: list[ssl.SSLSocket] = []

    def run(self) -> None:
        self._say("220 fake")
        while line := self._input.readline():
            word, _, rest = line.decode().strip().partition(" ")
            if word.upper() == "QUIT":
                self._say("221 bye")
                return
            self._answer(word.upper(), rest)

    def close(self) -> None:
        for sock in self._kept:
            sock.close()

    def _answer(self, word: str, rest: str) -> None:
        match word:
            case "EHLO":
                self._say("250-fake")
                offers = ["AUTH PLAIN"] if self._world.password else []
                offers += ["STARTTLS"] if self._world.tls and not self._kept else []
                for offer in offers:
                    self._say(f"250-{offer}")
                self._say("250 8BITMIME")
            case "STARTTLS":
                self._say("220 go on")
                self._wrap()
            case "AUTH":
                given = base64.b64decode(rest.partition(" ")[2]).split(b"\0")[-1].decode()
                self._secret = given
                self._say("235 ok" if given == self._world.password else "535 no")
            case "RCPT":
                address = rest.partition("<")[2].partition(">")[0]
                self._say("550 nobody" if address in self._world.unknown else "250 ok")
            case "DATA":
                self._data()
            case _:
                self._say("250 ok")

    def _data(self) -> None:
        self._say("354 go on")
        taken: list[bytes] = []
        while (line := self._input.readline()) not in (b".\r\n", b""):
            taken.append(line.removeprefix(b"."))  # RFC 5321, section 4.5.2
        if self._world.busy:
            self._world.busy -= 1
            self._say("451 try again later")
        elif self._secret == self._world.password:
            self._world.mails.append(b"".join(taken).decode())
            self._world.taken.set()
            self._say("250 taken")
        else:
            self._say("530 who are you")

    def _wrap(self) -> None:
        assert self._world.tls is not None
        sock = self._world.tls.wrap_socket(self._handler.connection, server_side=True)
        self._kept.append(sock)
        self._input, self._output = sock.makefile("rb"), sock.makefile("wb", buffering=0)

    def _say(self, line: str) -> None:
        self._output.write(f"{line}\r\n".encode())
