"""What a provider's token must say to be believed: by whom it is, for whom, from when until when, and of which kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.signin.signed import Refused, half_hash

#: Seconds by which the provider's clock may be ahead. Nothing is believed beyond its end, whatever the clocks say.
_LEEWAY = 60
#: Characters of a subject: OpenID Connect allows no more.
_LONGEST_SUBJECT = 255
#: The last second that is one, as in a JWT a number may be exact to.
_LAST = 2**53
#: Said only by tokens that tell a client who signed in, and by such as need more than being held.
_OF_A_SIGN_IN = ("nonce", "at_hash", "c_hash", "s_hash")

Claims = Mapping[str, Any]


def require_call(header: Claims, claims: Claims, *, issuer: str, audience: str, now: float) -> int:
    """The second at which an access token ends (RFC 9068, and what providers call one). Raises Refused."""
    _require_kind(header, claims, {"jwt", "at+jwt"}, {"bearer"})
    if any(name in claims for name in _OF_A_SIGN_IN):
        raise Refused("it is an ID token, which opens nothing")
    if "cnf" in claims:
        raise Refused("it is bound to a key of its sender (cnf), which is not looked at here")
    if audience not in _audience(claims):
        raise Refused("it is for another audience (aud)")
    return _require_whose_and_when(claims, issuer, now)


def require_sign_in(
    header: Claims, claims: Claims, *, issuer: str, client: str, nonce: str, access: str | None, now: float
) -> int:
    """The second at which an ID token ends; `access` is the access token that came with it. Raises Refused."""
    _require_kind(header, claims, {"jwt"}, {"id"})
    if _audience(claims) != [client] or claims.get("azp", client) != client:
        raise Refused("it is for another client (aud, azp)")
    if claims.get("nonce") != nonce:
        raise Refused("it is not of this sign-in (nonce)")
    if "at_hash" in claims and (access is None or claims["at_hash"] != half_hash(access, header["alg"])):
        raise Refused("its access token is another (at_hash)")
    return _require_whose_and_when(claims, issuer, now)


def _require_kind(header: Claims, claims: Claims, types: set[str], kinds: set[str]) -> None:
    """By the header's `typ`, and by the claim of the same name that some providers add."""
    named = _word(header.get("typ", "JWT")).removeprefix("application/")
    if named not in types or _word(claims.get("typ", min(kinds))) not in kinds:
        raise Refused("it is a token of another kind (typ)")


def _word(said: object) -> str:
    return said.lower() if isinstance(said, str) else ""


def _require_whose_and_when(claims: Claims, issuer: str, now: float) -> int:
    if claims.get("iss") != issuer:
        raise Refused("it is by another issuer (iss)")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise Refused("it does not say of whom it is (sub)")
    end, begin, made = (_instant(claims, name) for name in ("exp", "nbf", "iat"))
    if end is None or end <= now:
        raise Refused("it has ended (exp)")
    if made is None or made > now + _LEEWAY or (begin is not None and begin > now + _LEEWAY):
        raise Refused("it is not valid yet (nbf, iat)")
    return int(end)


def _audience(claims: Claims) -> list[Any]:
    said = claims.get("aud")
    return said if isinstance(said, list) else [said]


def _instant(claims: Claims, name: str) -> float | None:
    """Seconds since 1970. Raises Refused for what is no such number: every comparison with NaN is false, and JSON has
    numbers that no clock gets to."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LAST:
        raise Refused(f"it does not say when ({name})")
    return value
