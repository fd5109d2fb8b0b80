// A token nobody can tie to an invitation: RFC 9497, mode VOPRF, suite ristretto255-SHA512.
//
// The browser draws a nonce and a blind of its own, has the blinded nonce evaluated once for its invitation, and checks
// two things before it believes the answer: that the key is the one the pulse has published for the unit (its
// fingerprint, a Merkle tree over all units in which each has one place), and that this very key was used (the proof).
// A service that would tag a person with another key is caught by the one or the other. Hashes come from the library
// and not from the browser, which has none on an intranet without TLS. Runs in node too, for its tests.
import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";

const SUITE = "ristretto255-SHA512";
// Steps of the longest way there can be: a place has so many bits.
const DEEPEST = 256;
const { voprf } = ristretto255_oprf;
const utf8 = (text) => new TextEncoder().encode(text);

// The service will not: an unknown, spent or exchanged invitation, and a pulse that is not open, all alike.
export class Refused extends Error {
  name = "Refused";
}
// The service answered, and with something other than what was published.
export class Forged extends Error {
  name = "Forged";
}

// What the right to answer hangs on: keep it before asking. Three strings.
export function begin() {
  const nonce = crypto.getRandomValues(new Uint8Array(32));
  const { blind, blinded } = voprf.blind(nonce);
  return { nonce: encoded(nonce), blind: encoded(blind), blinded: encoded(blinded) };
}

// A name to keep it under that does not give the invitation away.
export function nameOf(invitation) {
  return encoded(sha256(utf8(`redwood/invitation/1\0${invitation}`)));
}

// The token for an invitation; the same `kept` may be sent again and again. `ask` is fetch or alike, `fingerprint` the
// one the questionnaire shows. Throws Refused and Forged; anything else thrown is trouble on the way.
export async function exchange(ask, invitation, kept, fingerprint) {
  const [pulse] = invitation.split(".", 1);
  const reply = await ask(`/v1/pulses/${pulse}/tokens`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ invitation, blinded: kept.blinded }),
    credentials: "omit",
    cache: "no-store",
    referrerPolicy: "no-referrer",
    redirect: "error",
  });
  // A proxy that refuses, and a network's page of its own, are neither.
  const type = reply.headers.get("content-type") || "";
  if (reply.status === 403 && type.startsWith("application/problem+json")) throw new Refused();
  if (reply.status !== 200) throw new Error("not answered");
  const issued = await reply.json();
  try {
    return tokenFrom(issued, pulse, kept, fingerprint);
  } catch {
    throw new Forged();
  }
}

function tokenFrom(issued, pulse, kept, fingerprint) {
  const { unit, suite, public_key, path, evaluated, proof } = issued;
  const key = decoded(public_key);
  const same = issued.pulse === pulse && suite === SUITE && issued.fingerprint === fingerprint;
  if (!same || typeof unit !== "string" || climbed(unit, key, path) !== fingerprint) throw new Error("another key");
  const nonce = decoded(kept.nonce);
  const output = voprf.finalize(nonce, decoded(kept.blind), decoded(evaluated), decoded(kept.blinded), key, decoded(proof));
  return ["u1", pulse, encoded(utf8(unit)), kept.nonce, encoded(output)].join(".");
}

// The fingerprint that a unit's key leads to, in hexadecimal digits. Where a unit stands is said by the bits of its
// hash, from the root downwards: a tree with room for two keys of one unit would be no protection at all.
function climbed(unit, key, path) {
  if (key.length !== 32 || path.length > DEEPEST) throw new Error("no path");
  const name = utf8(unit);
  const place = sha256(name);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, name.length);
  let hash = digest([0], length, name, key);
  let depth = path.length;
  for (const { side, hash: sibling } of path) {
    depth -= 1;
    const right = (place[depth >> 3] >> (7 - (depth & 7))) & 1;
    if (side !== (right ? "left" : "right")) throw new Error("another place");
    const other = bytes(sibling);
    hash = right ? digest([1], other, hash) : digest([1], hash, other);
  }
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function digest(...parts) {
  const hash = sha256.create();
  for (const part of parts) hash.update(Uint8Array.from(part));
  return hash.digest();
}

function bytes(hex) {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Error("no hash");
  return Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
}

function encoded(all) {
  return btoa(String.fromCharCode(...all)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

function decoded(text) {
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
}
