"""A small OpenID provider of the tests' own on loopback, for what the ready-made one cannot do: programs, keys that
change, and every kind of lie."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from joserfc import jwk, jws

CLIENT, SECRET, AUDIENCE = "redwood-pages", "a secret: with/signs%", "https://redwood.test/api"
Claims = dict[str, Any]


@cache
def rsa_key(name: str) -> Any:
    return jwk.generate_key("RSA", 2048, {"kid": name})


@cache
def ec_key(name: str) -> Any:
    return jwk.generate_key("EC", "P-256", {"kid": name})


def signed(claims: Claims, key: Any, **header: Any) -> str:
    named = {"alg": "ES256" if key.key_type == "EC" else "RS256", "kid": key.kid, "typ": "JWT", **header}
    return assembled({name: value for name, value in named.items() if value is not None}, claims, key)


def assembled(header: Claims, claims: Claims, key: Any) -> str:
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    return jws.serialize_compact(header, json.dumps(claims), key, registry=registry)


def text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@dataclass
class Provider:
    """What it says may be changed at any moment; what it was asked is counted."""

    issuer: str = ""
    keys: list[Any] = field(default_factory=lambda: [rsa_key("one")])
    claims: Claims = field(default_factory=lambda: {"sub": "ann", "roles": ["all"]})
    #: What an ID token says besides, or instead; None takes a claim away.
    lie: Claims = field(default_factory=dict)
    #: What the ID token in a reply is made into.
    forge: Callable[[str], Any] = str
    describes: Claims = field(default_factory=dict)
    access: str = "an opaque access token"
    silent: bool = False
    asked: Counter[str] = field(default_factory=Counter)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    forms: list[dict[str, str]] = field(default_factory=list)

    def description(self) -> Claims:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "scopes_supported": ["openid", "profile", "roles"],
            **self.describes,
        }

    def call_token(self, **more: Any) -> str:
        """What a program gets for its client credentials; a keyword with None takes a claim away."""
        return signed(self.call_claims(**more), self.keys[0], typ="at+jwt")

    def call_claims(self, **more: Any) -> Claims:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "loader",
            "aud": AUDIENCE,
            "exp": now + 300,
            "iat": now,
            "scope": "read write",
        }
        return {name: value for name, value in {**claims, **more}.items() if value is not None}

    def authorize(self, said: dict[str, str]) -> str:
        code = secrets.token_urlsafe(16)
        self.codes[code] = said
        return f"{said['redirect_uri']}?{urlencode({'code': code, 'state': said['state']})}"

    def exchange(self, form: dict[str, str], basic: str) -> tuple[int, Claims]:
        self.forms.append(form)
        if form["grant_type"] == "client_credentials":
            return 200, {"access_token": self.call_token(), "token_type": "Bearer", "expires_in": 300}
        begun = self.codes.pop(form["code"], None)
        challenge = text(hashlib.sha256(form["code_verifier"].encode()).digest())
        known = ":".join(map(unquote, base64.b64decode(basic).decode().split(":"))) == f"{CLIENT}:{SECRET}"
        if begun is None or challenge != begun["code_challenge"] or form["redirect_uri"] != begun["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if not known:
            return 401, {"error": "invalid_client"}
        return 200, {"access_token": self.access, "id_token": self.forge(self.id_token(begun["nonce"]))}

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": nonce, **self.claims}
        hashed = hashlib.sha256(self.access.encode()).digest()[:16]
        claims = {**claims, "at_hash": text(hashed), **self.lie}
        return signed({name: value for name, value in claims.items() if value is not None}, self.keys[0])


@contextmanager
def provided() -> Iterator[Provider]:
    """A provider that listens until the end."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, said = urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query))
            provider.asked[path] += 1
            if provider.silent:
                self.answer(500, {})
            elif path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(said))
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif path == "/keys":
                self.answer(200, {"keys": [key.as_dict(private=False, use="sig") for key in provider.keys]})
            else:
                self.answer(200, provider.description())

        def do_POST(self) -> None:
            provider.asked["/token"] += 1
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            basic = self.headers.get("Authorization", "").partition(" ")[2]
            self.answer(*((500, {}) if provider.silent else provider.exchange(form, basic)))

        def answer(self, status: int, said: Claims) -> None:
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()
