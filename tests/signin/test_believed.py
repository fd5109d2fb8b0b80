"""What is believed of a provider's tokens, and by which rule each lie and each forgery is refused."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
from joserfc import jwk

from service.errors import NotAuthenticated
from service.signin.begun import begin
from service.signin.claims import require_call, require_sign_in
from service.signin.configured import Configured
from service.signin.flow import Believed, Flow
from service.signin.provider import Provider as Known
from service.signin.roles import first_fitting, roles_of
from service.signin.signed import ALGORITHMS, LONGEST, Refused, claims_of, header_of
from tests.signin.provider import AUDIENCE, CLIENT, SECRET, Provider, ec_key, provided, rsa_key, signed, text

Claims = dict[str, Any]


class Later(int):
    """So many seconds after the test begins, which may be long after it was read."""


def timed(claims: Claims) -> Claims:
    now = int(time.time())
    return {name: now + it if isinstance(it, Later) else it for name, it in claims.items()}


@pytest.fixture(scope="module")
def listening() -> Iterator[Provider]:
    with provided() as made:
        yield made


@pytest.fixture
def provider(listening: Provider) -> Provider:
    """One that says nothing but the truth, again."""
    fresh = Provider(listening.issuer)
    vars(listening).update(vars(fresh))
    return listening


def flow_of(provider: Provider) -> Flow:
    configured = Configured(provider.issuer, CLIENT, SECRET, AUDIENCE, "roles.toml", "https://redwood.test")
    return Flow(configured, Known(provider.issuer), {"roles"})


def signed_in(provider: Provider) -> Believed:
    """What is believed of whoever comes back to the browser that began."""
    begun = begin(time.time())
    asked = {"state": begun.state, "nonce": begun.nonce, "code_challenge": begun.challenge}
    code = "a code"
    flow = flow_of(provider)
    provider.codes[code] = {**asked, "redirect_uri": "https://redwood.test/dashboard/sign-in/callback"}
    return asyncio.run(flow.finished(begun, {"code": code, "state": begun.state}, time.time()))


def called(provider: Provider, token: str, now: float | None = None) -> Believed:
    return asyncio.run(flow_of(provider).judged(token, time.time() if now is None else now))


def test_what_is_true_is_believed_until_it_ends(provider: Provider) -> None:
    assert signed_in(provider).claims["sub"] == "ann"
    end = int(time.time()) + 200
    assert called(provider, provider.call_token(exp=end)).ends_at == end
    provider.lie = {"at_hash": None, "typ": "ID", "azp": CLIENT, "aud": [CLIENT]}
    assert signed_in(provider).claims["roles"] == ["all"]


LIES: dict[str, tuple[Claims, str]] = {
    "another issuer": ({"iss": "https://evil.example"}, "issuer"),
    "a longer issuer": ({"iss": "{issuer}/"}, "issuer"),
    "no issuer": ({"iss": None}, "issuer"),
    "another client": ({"aud": "another"}, "another client"),
    "another client beside": ({"aud": [CLIENT, "another"]}, "another client"),
    "for no one": ({"aud": None}, "another client"),
    "given to another": ({"azp": "another"}, "another client"),
    "ended": ({"exp": Later(-1)}, "ended"),
    "no end": ({"exp": None}, "ended"),
    "an end that never comes": ({"exp": float("nan")}, "does not say when"),
    "an end without end": ({"exp": float("inf")}, "does not say when"),
    "true for an end": ({"exp": True}, "does not say when"),
    "an end beyond all clocks": ({"exp": 10**400}, "does not say when"),
    "made before there was time": ({"iat": -(10**400)}, "does not say when"),
    "an end in words": ({"exp": "9999999999"}, "does not say when"),
    "not valid yet": ({"nbf": Later(3600)}, "not valid yet"),
    "made tomorrow": ({"iat": Later(86_400)}, "not valid yet"),
    "made never": ({"iat": None}, "not valid yet"),
    "another nonce": ({"nonce": "a" * 43}, "nonce"),
    "no nonce": ({"nonce": None}, "nonce"),
    "of another access token": ({"at_hash": "a" * 22}, "at_hash"),
    "nobody's": ({"sub": None}, "of whom"),
    "of a number": ({"sub": 7}, "of whom"),
    "of a novel": ({"sub": "a" * 256}, "of whom"),
    "of another kind": ({"typ": "Bearer"}, "another kind"),
}


@pytest.mark.parametrize(("lie", "why"), LIES.values(), ids=LIES)
def test_an_id_token_that_says_otherwise_is_refused(provider: Provider, lie: Claims, why: str) -> None:
    lie = timed(lie)
    provider.lie = {name: it.format(issuer=provider.issuer) if name == "iss" and it else it for name, it in lie.items()}
    refused(lambda: signed_in(provider), why)


def refused(attempt: Callable[[], object], why: str) -> None:
    """By that rule, of which whoever tries hears nothing."""
    with pytest.raises(NotAuthenticated) as caught:
        attempt()
    assert why in str(caught.value.__context__)
    assert why not in str(caught.value)


def claims_in(token: str) -> Claims:
    payload = token.split(".")[1]
    said: Claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return said


def unsigned(header: Mapping[str, Any], claims: Claims) -> str:
    return ".".join(text(json.dumps(part).encode()) for part in (header, claims))


def with_claims(token: str, **changed: Any) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{text(json.dumps({**claims_in(token), **changed}).encode())}.{signature}"


def with_the_public_key_for_a_secret(token: str) -> str:
    content = unsigned({"alg": "HS256", "kid": "one"}, claims_in(token))
    secret = rsa_key("one").as_pem(private=False)
    return f"{content}.{text(hmac.digest(secret, content.encode(), 'sha256'))}"


def with_a_key_of_its_own(token: str) -> str:
    own = jwk.generate_key("RSA", 2048, {"kid": "one"})
    return signed(claims_in(token), own, jwk=own.as_dict(private=False), jku="https://evil.example/keys")


FORGED: dict[str, tuple[Callable[[str], Any], str]] = {
    "another signature": (lambda it: f"{it[:-8]}AAAAAAAA", "signature does not hold"),
    "no signature": (lambda it: f"{it.rpartition('.')[0]}.", "signature does not hold"),
    "other claims": (lambda it: with_claims(it, sub="bob"), "signature does not hold"),
    "alg none": (lambda it: unsigned({"alg": "none", "kid": "one"}, claims_in(it)) + ".", "algorithm"),
    "alg None": (lambda it: unsigned({"alg": "None", "kid": "one"}, claims_in(it)) + ".", "algorithm"),
    "no alg": (lambda it: unsigned({"kid": "one"}, claims_in(it)) + ".", "algorithm"),
    "the public key for a secret": (with_the_public_key_for_a_secret, "algorithm"),
    "a key it brings along": (with_a_key_of_its_own, "signature does not hold"),
    "an unknown key": (lambda it: signed(claims_in(it), rsa_key("another")), "kid"),
    "a key of another kind": (lambda it: unsigned({"alg": "ES256", "kid": "one"}, claims_in(it)) + ".AAAA", "belong"),
    "what nobody understands": (lambda it: signed(claims_in(it), rsa_key("one"), crit=["b64"], b64=True), "header"),
    "another kind": (lambda it: signed(claims_in(it), rsa_key("one"), typ="logout+jwt"), "another kind"),
    "no token": (lambda _: None, "no ID token"),
    "no text": (lambda _: 7, "no ID token"),
    "another word": (lambda _: "token", "not a signed token"),
    "no claims": (lambda it: f"{it.split('.')[0]}..", "signature does not hold"),
    "too long": (lambda it: it + "A" * LONGEST, "not a signed token"),
}


@pytest.mark.parametrize(("forge", "why"), FORGED.values(), ids=FORGED)
def test_a_forged_id_token_is_refused(provider: Provider, forge: Callable[[str], Any], why: str) -> None:
    provider.forge = forge
    refused(lambda: signed_in(provider), why)


CALLS: dict[str, tuple[Claims, str]] = {
    "another audience": ({"aud": "another"}, "audience"),
    "the pages' own": ({"aud": CLIENT}, "audience"),
    "part of the audience": ({"aud": AUDIENCE[:-1]}, "audience"),
    "no audience": ({"aud": None}, "audience"),
    "another issuer": ({"iss": "https://evil.example"}, "issuer"),
    "ended": ({"exp": Later(-1)}, "ended"),
    "no end": ({"exp": None}, "ended"),
    "not valid yet": ({"nbf": Later(3600)}, "not valid yet"),
    "a sign-in's": ({"nonce": "a nonce"}, "ID token"),
    "a sign-in's by its hash": ({"at_hash": "a hash"}, "ID token"),
    "a sign-in's by its kind": ({"typ": "ID"}, "another kind"),
    "a refreshing one": ({"typ": "Refresh"}, "another kind"),
    "bound to its sender": ({"cnf": {"jkt": "a thumb"}}, "bound to a key"),
    "nobody's": ({"sub": None}, "of whom"),
}


@pytest.mark.parametrize(("lie", "why"), CALLS.values(), ids=CALLS)
def test_an_access_token_that_says_otherwise_is_refused(provider: Provider, lie: Claims, why: str) -> None:
    with pytest.raises(Refused, match=why):
        called(provider, provider.call_token(**timed(lie)))


def test_an_id_token_opens_nothing_even_where_audiences_are_alike(provider: Provider) -> None:
    provider.lie = {"aud": AUDIENCE}
    with pytest.raises(Refused, match="ID token"):
        called(provider, provider.id_token("a nonce"))


def test_clocks_may_differ_a_little_and_the_end_is_the_end(provider: Provider) -> None:
    begun = int(time.time())
    token = provider.call_token(iat=begun + 50, nbf=begun + 50, exp=begun + 100)
    assert called(provider, token, begun).ends_at == begun + 100
    assert called(provider, token, begun + 99.9)
    for now, why in ((begun - 11, "not valid yet"), (begun + 100, "ended")):
        with pytest.raises(Refused, match=why):
            called(provider, token, now)


@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", None])
@pytest.mark.parametrize("audience", [AUDIENCE, ["another", AUDIENCE]])
def test_what_providers_call_an_access_token(typ: str | None, audience: Any) -> None:
    claims = {"iss": "i", "sub": "s", "aud": audience, "exp": 200, "iat": 100, "typ": "Bearer"}
    header = {} if typ is None else {"typ": typ}
    assert require_call(header, claims, issuer="i", audience=AUDIENCE, now=150) == 200


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_that_is_taken_is_checked(algorithm: str) -> None:
    curves = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "Ed25519": "Ed25519"}
    kind = ALGORITHMS[algorithm]
    key: Any = rsa_key("one") if kind == "RSA" else jwk.generate_key(kind, curves[algorithm])
    token = signed({"sub": "ann"}, key, alg=algorithm)
    public = key.as_dict(private=False)
    assert claims_of(token, header_of(token), public) == {"sub": "ann"}
    for wrong in (with_claims(token, sub="bob"), f"{token.rpartition('.')[0]}.AAAA"):
        with pytest.raises(Refused, match="signature"):
            claims_of(wrong, header_of(wrong), public)


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ({"alg": "RS256"}, {"alg": "PS256"}),
        ({"alg": "RS256"}, {"n": text(b"\xff" * 255)}),
        ({"alg": "RS256"}, {"n": "not base64 \u2603"}),
        ({"alg": "RS256"}, {"e": 7}),
        ({"alg": "RS256"}, {"use": "enc"}),
        ({"alg": "ES256"}, {}),
    ],
)
def test_a_key_that_does_not_belong_is_no_key(header: Claims, key: Claims) -> None:
    token = signed({"sub": "ann"}, rsa_key("one"))
    with pytest.raises(Refused):
        claims_of(token, {**header_of(token), **header}, {**rsa_key("one").as_dict(private=False), **key})


@pytest.mark.parametrize(
    "junk", ["..", "a.b.c", "e30.e30.e30", "W10.e30.", "[.].[", f"{text(b'[' * 9_000)}.e30.", "\0.\0.\0"]
)
def test_junk_is_no_token(junk: str) -> None:
    with pytest.raises(Refused):
        header_of(junk)


#: Some of each type of JSON, and what is odd of it.
JSON = [
    *(None, True, 0, -1, 10**400, 1.5, float("nan"), float("inf"), "", "RS256", "\ud800"),
    *([], ["RS256"], [[]], {}, {"a": {}}),
]


@pytest.mark.parametrize("name", ["alg", "kid", "typ", "crit", "b64", "jwk", "jku", "x5c", "zip", "enc"])
def test_a_header_of_whatever_type_is_refused(name: str) -> None:
    """What anybody may send: the claims are anything, and the signature is none."""
    for value in JSON:
        token = unsigned({"alg": "RS256", "kid": "one", name: value}, {}) + ".AAAA"
        with pytest.raises(Refused):
            claims_of(token, header_of(token), rsa_key("one").as_dict(private=False))


@pytest.mark.parametrize(
    "name", ["iss", "sub", "aud", "exp", "nbf", "iat", "typ", "azp", "nonce", "at_hash", "cnf", "roles"]
)
def test_a_claim_of_whatever_type_is_refused_or_believed(name: str) -> None:
    roles = roles_of('[[role]]\nclaim = "roles"\nvalue = "all"\nscopes = ["results"]', ["results"])
    for value in JSON:
        called = {"iss": "i", "sub": "s", "aud": AUDIENCE, "exp": 200, "iat": 100, name: value}
        signed_in = {"nonce": "n", **called, "aud": CLIENT, name: value}
        for header in ({"alg": "RS256"}, {"alg": "RS256", "typ": value}):
            with suppress(Refused):
                assert require_call(header, called, issuer="i", audience=AUDIENCE, now=150) == 200
            with suppress(Refused):
                said = {"issuer": "i", "client": CLIENT, "nonce": "n", "access": "\ud800", "now": 150}
                assert require_sign_in(header, signed_in, **said) == 200
        assert first_fitting(roles, called) is None


def test_a_token_by_another_curve_is_checked_too(provider: Provider) -> None:
    provider.keys = [ec_key("two"), rsa_key("one")]
    assert called(provider, provider.call_token()).claims["sub"] == "loader"


def test_the_hash_of_an_access_token_is_of_its_algorithm(provider: Provider) -> None:
    digest = hashlib.sha512(provider.access.encode()).digest()[:32]
    provider.lie = {"at_hash": text(digest)}
    refused(lambda: signed_in(provider), "at_hash")
