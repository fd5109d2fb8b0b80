"""Whether an open pulse has the keys of the units you know, and no other: `python check_keys.py URL PULSE < units`.

`units` has the id of every unit of the roster, one a line, from somebody other than the service. It needs nothing but
Python. The fingerprint it prints has to be the one that respondents are shown: a hash over the keys of all units, which
comes out the same only with the keys that a stranger is given for these units. That no unit has two keys each
respondent's client sees by itself; a unit made up for somebody, with a key like any other, shows only here.
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


def root(keys: dict[str, bytes], depth: int = 0) -> bytes:
    """Each unit has one place in the tree: the bits of its id's SHA-256, as many as it takes to be alone."""
    if len(keys) < 2:
        return next((leaf(unit, key) for unit, key in keys.items()), bytes(32))
    sides: tuple[dict[str, bytes], dict[str, bytes]] = ({}, {})
    for unit, key in keys.items():
        place = int.from_bytes(hashlib.sha256(unit.encode()).digest(), "big")
        sides[place >> 255 - depth & 1][unit] = key
    return hashlib.sha256(b"\1" + root(sides[0], depth + 1) + root(sides[1], depth + 1)).digest()


def main(url: str, pulse: str) -> str:
    """The fingerprint, or a complaint. Units nobody of which was invited have no key and are left out."""
    shown = asked(f"{url}/v1/pulses/{quote(pulse)}/questionnaire")
    if shown is None:
        sys.exit("There is no such open pulse.")
    units = {line.strip() for line in sys.stdin if line.strip()}
    answers = {unit: asked(f"{url}/v1/pulses/{quote(pulse)}/issuer?unit={quote(unit, safe='')}") for unit in units}
    keys = {unit: urlsafe_b64decode(str(it["public_key"]) + "=") for unit, it in answers.items() if it is not None}
    print(f"{len(keys)} of {len(units)} units have a key", file=sys.stderr)
    made = root(keys).hex()
    if made != shown["privacy"]["tokens"]["fingerprint"]:  # type: ignore[index]
        sys.exit("NOT THE FINGERPRINT THAT IS SHOWN: there are other keys or units than these. Do not answer; say so.")
    return made


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
