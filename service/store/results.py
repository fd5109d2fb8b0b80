"""Releases: sealed when a pulse closes, published once, never changed."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, insert, select

from service.errors import NotFound
from service.store.database import Connection
from service.store.tables import pulse, release, sealed
from service.survey.pulse import Pulse


def seal(tx: Connection, id: str, digest: str, content: bytes, attack_report: bytes) -> None:
    """Keep a release that nobody may read yet."""
    tx.execute(insert(sealed).values(pulse_id=id, digest=digest, content=content, attack_report=attack_report))


def sealed_content(tx: Connection, pulse: str) -> bytes:
    """The canonical bytes of the release a closed pulse will have."""
    return tx.execute(select(sealed.c.content).where(sealed.c.pulse_id == pulse)).scalar_one()


def publish(tx: Connection, pulse: str, organisation: str) -> str:
    """Let the sealed release be read from now on; its digest."""
    row = tx.execute(select(sealed).where(sealed.c.pulse_id == pulse)).one()
    tx.execute(insert(release).values(organisation_id=organisation, **row._asdict()))
    tx.execute(delete(sealed).where(sealed.c.pulse_id == pulse))
    return str(row.digest)


def released_pulses(tx: Connection, organisation: str) -> list[str]:
    query = select(release.c.pulse_id).where(release.c.organisation_id == organisation)
    return list(tx.scalars(query.order_by(release.c.pulse_id)))


def release_contents(tx: Connection, organisation: str, pulses: Collection[str]) -> dict[str, bytes]:
    """The canonical bytes of each of these releases that the organisation has."""
    query = select(release.c.pulse_id, release.c.content).where(release.c.organisation_id == organisation)
    return {row.pulse_id: row.content for row in tx.execute(query.where(release.c.pulse_id.in_(pulses)))}


def digests(tx: Connection, organisation: str, pulses: Collection[str]) -> dict[str, str]:
    """The digest of each of these releases that the organisation has."""
    query = select(release.c.pulse_id, release.c.digest).where(release.c.organisation_id == organisation)
    return {row.pulse_id: row.digest for row in tx.execute(query.where(release.c.pulse_id.in_(pulses)))}


def contents(tx: Connection, pulses: Collection[str]) -> dict[str, bytes]:
    """The canonical bytes of these releases, whoever's they are."""
    query = select(release.c.pulse_id, release.c.content).where(release.c.pulse_id.in_(pulses))
    return {row.pulse_id: row.content for row in tx.execute(query)}


def released_before(tx: Connection, it: Pulse, most: int) -> list[bytes]:
    """The canonical bytes of what the same series published before: the newest `most`, newest first."""
    query = select(release.c.content).join(pulse, pulse.c.id == release.c.pulse_id)
    series = query.where(pulse.c.organisation_id == it.organisation, pulse.c.series == it.series)
    newest = series.where(pulse.c.number < it.number).order_by(pulse.c.number.desc()).limit(most)
    return list(tx.scalars(newest))


def released_after(tx: Connection, it: Pulse, most: int) -> list[bytes]:
    """The same of those that closed later and were published first, the oldest `most`, oldest first."""
    query = select(release.c.content).join(pulse, pulse.c.id == release.c.pulse_id)
    series = query.where(pulse.c.organisation_id == it.organisation, pulse.c.series == it.series)
    return list(tx.scalars(series.where(pulse.c.number > it.number).order_by(pulse.c.number).limit(most)))


def release_content(tx: Connection, organisation: str, pulse: str) -> tuple[bytes, str]:
    """The canonical bytes and their digest. Raises NotFound."""
    query = select(release.c.content, release.c.digest).where(release.c.organisation_id == organisation)
    row = tx.execute(query.where(release.c.pulse_id == pulse)).first() if pulse.isalnum() else None
    if row is None:
        raise NotFound("release")
    return row.content, row.digest


def release_digest(tx: Connection, pulse: str) -> str | None:
    return tx.scalar(select(release.c.digest).where(release.c.pulse_id == pulse))


def attack_report(tx: Connection, pulse: str) -> bytes:
    """What the adversary tried before this release was stored. Raises NotFound."""
    query = select(release.c.attack_report).where(release.c.pulse_id == pulse)
    content = tx.scalar(query) if pulse.isalnum() else None
    if content is None:
        raise NotFound("release")
    return content
