"""Whether an open pulse has one token key for each unit, and no other: run `python check_keys.py URL PULSE < units`.

`units` has the id of every unit of the roster, one a line, from somebody other than the service. It needs nothing but
Python. The fingerprint it prints has to be the one that respondents are shown: a hash over the keys of all units, which
comes out the same only if there is exactly one for each. A service with keys of their own for some people fails here.
"""

from __future__ import annotations

import hashlib
import json
import sys
from base64 import urlsafe_b64decode
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen


def asked(address: str) -> dict[str, object] | None:
    try:
        with urlopen(address, timeout=30) as reply:
            found: dict[str, object] = json.load(reply)
            return found
    except HTTPError as error:
        if error.code == 404:
            return None
        raise


def leaf(unit: str, key: bytes) -> bytes:
    name = unit.encode()
    return hashlib.sha256(b"\0" + len(name).to_bytes(4, "big") + name + key).digest()


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(leaves[:half]) + root(leaves[half:])).digest()


def main(url: str, pulse: str) -> str:
    """The fingerprint, or a complaint. Units nobody of which was invited have no key and are left out."""
    shown = asked(f"{url}/v1/pulses/{quote(pulse)}/questionnaire")
    if shown is None:
        sys.exit("There is no such open pulse.")
    units = sorted({line.strip() for line in sys.stdin if line.strip()}, key=str.encode)
    answers = {unit: asked(f"{url}/v1/pulses/{quote(pulse)}/issuer?unit={quote(unit, safe='')}") for unit in units}
    keys = {unit: urlsafe_b64decode(str(it["public_key"]) + "=") for unit, it in answers.items() if it is not None}
    print(f"{len(keys)} of {len(units)} units have a key", file=sys.stderr)
    made = root([leaf(unit, key) for unit, key in keys.items()]).hex() if keys else ""
    if made != shown["privacy"]["tokens"]["fingerprint"]:  # type: ignore[index]
        sys.exit("NOT THE FINGERPRINT THAT IS SHOWN: there are keys besides these. Do not answer, and say so.")
    return made


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
