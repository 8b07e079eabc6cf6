"""An STS on this machine whose credentials soon expire, and which remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

_ASSUMED = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIA{number}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>{expiration}</Expiration></Credentials><AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/r/s</Arn>
<AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"""

_CALLER = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Account>111111111111</Account><UserId>u</UserId><Arn>arn:aws:sts::111111111111:assumed-role/r/s</Arn>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""


@dataclass
class ShortLivedSts:
    """`assumed`: the parameters of each AssumeRole; `keys`: the access key that signed each other call."""

    url: str = ""
    seconds: int = 60
    assumed: list[dict[str, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def answer(self, body: str, authorization: str) -> str:
        parameters = {name: values[0] for name, values in parse_qs(body).items()}
        if parameters.get("Action") != "AssumeRole":
            self.keys.append(authorization.partition("Credential=")[2].partition("/")[0])
            return _CALLER
        self.assumed.append(parameters)
        expiration = (datetime.now(UTC) + timedelta(seconds=self.seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return _ASSUMED.format(number=len(self.assumed), expiration=expiration)


@contextmanager
def short_lived_sts(seconds: int = 60) -> Iterator[ShortLivedSts]:
    sts = ShortLivedSts(seconds=seconds)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            reply = sts.answer(body, self.headers.get("Authorization", "")).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        sts.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield sts
        server.shutdown()
