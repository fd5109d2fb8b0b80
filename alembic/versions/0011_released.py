"""The schema `released`, on PostgreSQL only: tables a BI tool may read, each row by the organisation it belongs to.

SQLite has no roles to read by, so there it changes nothing. What is in the tables is made of releases and findings,
after this: by the serving process, or `redwood bi refresh`.
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TEXT, _WHOLE, _NUMBER, _DATE = "text", "bigint", "double precision", "date"

#: As the dictionary had them; `organisation` and `as_of`, the pulse a row was told with, stand before.
_TABLES = {
    "results": {
        "pulse": _TEXT,
        "unit": _TEXT,
        "unit_name": _TEXT,
        "block": _TEXT,
        "item": _TEXT,
        "by": _TEXT,
        "band": _TEXT,
        "status": _TEXT,
        "n": _WHOLE,
        "score": _NUMBER,
        "low": _NUMBER,
        "high": _NUMBER,
        "at_least": _NUMBER,
        "at_most": _NUMBER,
        "mean": _NUMBER,
        "favourability": _NUMBER,
        "distribution": "bigint[]",
        "interval_basis": _TEXT,
        "minimum_detectable_change": _NUMBER,
        "against_organisation": _NUMBER,
        "against_organisation_low": _NUMBER,
        "against_organisation_high": _NUMBER,
        "against_parent": _NUMBER,
        "against_parent_low": _NUMBER,
        "against_parent_high": _NUMBER,
    },
    "trends": {
        "series": _TEXT,
        "unit": _TEXT,
        "unit_name": _TEXT,
        "block": _TEXT,
        "pulse": _TEXT,
        "label": _TEXT,
        "date": _DATE,
        "status": _TEXT,
        "n": _WHOLE,
        "score": _NUMBER,
        "low": _NUMBER,
        "high": _NUMBER,
        "at_least": _NUMBER,
        "at_most": _NUMBER,
        "change": _NUMBER,
        "change_low": _NUMBER,
        "change_high": _NUMBER,
        "minimum_detectable_change": _NUMBER,
        "comparable": "boolean",
        "comparison_group": _WHOLE,
        "adjusted": _NUMBER,
        "smoothed": _NUMBER,
        "smoothed_low": _NUMBER,
        "smoothed_high": _NUMBER,
        "climate": _NUMBER,
        "climate_low": _NUMBER,
        "climate_high": _NUMBER,
        "surprise": _NUMBER,
        "break": _TEXT,
        "verdict": _TEXT,
        "view": _TEXT,
        "method": _TEXT,
    },
    "changes": {
        "pulse": _TEXT,
        "unit": _TEXT,
        "unit_name": _TEXT,
        "block": _TEXT,
        "status": _TEXT,
        "verdict": _TEXT,
        "change": _NUMBER,
        "low": _NUMBER,
        "high": _NUMBER,
        "total": _NUMBER,
        "since": _TEXT,
        "test": _TEXT,
        "q": _NUMBER,
        "false_sign_rate": _NUMBER,
        "minimum_detectable_change": _NUMBER,
        "tipping": _NUMBER,
        "method": _TEXT,
    },
    "clusters": {
        "pulse": _TEXT,
        "unit": _TEXT,
        "unit_name": _TEXT,
        "status": _TEXT,
        "verdict": _TEXT,
        "archetype": _TEXT,
        "label": _TEXT,
        "probability": _NUMBER,
        "method": _TEXT,
    },
    "quality": {
        "pulse": _TEXT,
        "block": _TEXT,
        "status": _TEXT,
        "verdict": _TEXT,
        "n": _WHOLE,
        "groups": _WHOLE,
        "n0": _NUMBER,
        "alpha": _NUMBER,
        "alpha_low": _NUMBER,
        "alpha_high": _NUMBER,
        "omega": _NUMBER,
        "heywood": "boolean",
        "alpha_within": _NUMBER,
        "alpha_between": _NUMBER,
        "omega_within": _NUMBER,
        "icc1": _NUMBER,
        "icc1_low": _NUMBER,
        "icc1_high": _NUMBER,
        "icc1_n0": _NUMBER,
        "icc1_reml": _NUMBER,
        "icc2": _NUMBER,
        "icc2_low": _NUMBER,
        "icc2_high": _NUMBER,
        "agreement_teams": _WHOLE,
        "rwg_j": _NUMBER,
        "beyond_chance": _NUMBER,
        "method": _TEXT,
    },
}

#: Whatever is undone of the findings is undone here, in the same transaction.
_FORGET = """
CREATE FUNCTION released.forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  {deletes}
  DELETE FROM released.filled WHERE as_of = OLD.pulse_id;
  RETURN OLD;
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("CREATE SCHEMA released")
    op.execute("CREATE TABLE released.filled (as_of text PRIMARY KEY, organisation text NOT NULL)")
    op.execute("CREATE TABLE released.reader (role text PRIMARY KEY, organisation text NOT NULL)")
    op.execute("ALTER TABLE released.reader ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY itself ON released.reader FOR SELECT USING (role = current_user)")
    for name, columns in _TABLES.items():
        said = ", ".join(f'"{column}" {type}' for column, type in columns.items())
        op.execute(f"CREATE TABLE released.{name} (organisation text NOT NULL, as_of text NOT NULL, {said})")
        op.execute(f"CREATE INDEX ON released.{name} (as_of)")
        op.execute(f"ALTER TABLE released.{name} ENABLE ROW LEVEL SECURITY")
        whose = "organisation = (SELECT reader.organisation FROM released.reader WHERE role = current_user)"
        op.execute(f"CREATE POLICY own ON released.{name} FOR SELECT USING ({whose})")
    deletes = " ".join(f"DELETE FROM released.{name} WHERE as_of = OLD.pulse_id;" for name in _TABLES)
    op.execute(_FORGET.format(deletes=deletes))
    op.execute(
        "CREATE TRIGGER released_forgotten AFTER DELETE ON analysis FOR EACH ROW EXECUTE FUNCTION released.forget()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP TRIGGER released_forgotten ON analysis")
    op.execute("DROP SCHEMA released CASCADE")
