"""The front's HTTP server: every request is either played by a rule or forwarded as it is."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cutover.rehearsal.front.forward import Reply, Request, Upstream

LOOPBACK = "127.0.0.1"
Rule = Callable[[Request, Upstream], "Reply | None"]
"""Answers a request itself, or gives None to have it forwarded untouched."""


def _reply(request: Request, upstream: Upstream, rules: tuple[Rule, ...]) -> Reply:
    for rule in rules:
        reply = rule(request, upstream)
        if reply is not None:
            return reply
    return upstream.send(request)


class Front:
    """Listens on a free port of the loopback interface from the start, and answers once `start` ran."""

    def __init__(self) -> None:
        self._server = _Server((LOOPBACK, 0), _Handler)
        self.url = f"http://{LOOPBACK}:{self._server.server_address[1]}"

    def start(self, upstream_url: str, rules: tuple[Rule, ...] = ()) -> None:
        self._server.upstream_url = upstream_url
        self._server.rules = rules
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    upstream_url = ""
    rules: tuple[Rule, ...] = ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle of a reply is not worth a traceback."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def setup(self) -> None:
        super().setup()
        self._upstream = Upstream(self.server.upstream_url)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def handle_expect_100(self) -> bool:
        """Sent at once: who asks for it waits for a second, as the SDK does before each upload to S3."""
        go_on = super().handle_expect_100()
        self.wfile.flush()
        return go_on

    def _play(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self._body())
        try:
            reply = _reply(request, self._upstream, self.server.rules)
        except OSError as error:
            reply = Reply(503, f"the emulator is gone: {error}".encode(), (("Content-Type", "text/plain"),))
        self._send(reply)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = _play  # noqa: N815

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return body

    def _send(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        length = len(reply.body)
        if self.command == "HEAD":
            length = int({name.lower(): value for name, value in reply.headers}.get("content-length", 0))
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Silent: a request may hold a password."""
