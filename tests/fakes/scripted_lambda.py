"""A Lambda on this machine that answers an Invoke with whatever a test wants, over HTTP like the real one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote


@dataclass
class ScriptedLambda:
    """`calls` is what was invoked: (function, event). `answers` gives, by function, what comes back."""

    url: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    """By function, the text that it raises."""

    def answer(self, function: str, event: Any) -> tuple[dict[str, str], Any]:
        self.calls.append((function, event))
        if function in self.errors:
            return {"X-Amz-Function-Error": "Unhandled"}, {"errorMessage": self.errors[function]}
        answer = self.answers.get(function, event)
        return {}, answer(event) if callable(answer) else answer


@contextmanager
def scripted_lambda() -> Iterator[ScriptedLambda]:
    script = ScriptedLambda()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            function = unquote(self.path.split("/")[3])
            headers, answer = script.answer(function, json.loads(body))
            raw = json.dumps(answer).encode()
            self.send_response(200)
            for name, value in {**headers, "Content-Length": str(len(raw))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *arguments: object) -> None:
            """Says nothing: an event holds names."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        script.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield script
        server.shutdown()
