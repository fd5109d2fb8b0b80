"""The file of roles: the first that fits, and whatever is wrong with it said at once, before anybody is served."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from service.api.signing import signing_of
from service.cli import app as commands
from service.errors import InvalidSettings, NoRole, ProviderSilent
from service.operations.access import SCOPES
from service.operations.admission import person_id
from service.signin.configured import Configured, require_sound
from service.signin.roles import Role, first_fitting, roles_of
from tests.signin.conftest import ROLES, Service
from tests.signin.provider import Provider

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FILE = """
claim = "groups"
[[role]]
value = "HR Admin"
scopes = ["manage", "results"]
[[role]]
value = "leads"
scopes = ["results"]
unit = "north"
[[role]]
claim = "realm_access.roles"
value = "leads"
scopes = ["analytics"]
organisation = "Other"
[[role]]
claim = "https://redwood.example/roles"
value = "x"
scopes = ["scim"]
[[role]]
claim = "scope"
value = "redwood.scim"
scopes = ["scim"]
"""


@pytest.mark.parametrize(
    ("claims", "place"),
    [
        ({"groups": ["leads", "HR Admin"]}, 0),
        ({"groups": "HR Admin"}, 0),
        ({"groups": ["leads"]}, 1),
        ({"realm_access": {"roles": ["x", "leads"]}}, 2),
        ({"realm_access.roles": ["leads"]}, 2),
        ({"https://redwood.example/roles": "x"}, 3),
        ({"scope": "openid redwood.scim"}, 4),
        ({"scope": "redwood.scimmer"}, None),
        ({"groups": "HR Admin leads"}, None),
        ({"groups": ["hr admin", ["leads"], 7, None]}, None),
        ({"groups": {"leads": True}}, None),
        ({"realm_access": ["leads"]}, None),
        ({"realm_access": {"roles": {"leads": 1}}}, None),
        ({}, None),
    ],
)
def test_the_first_role_that_fits_counts(claims: dict[str, Any], place: int | None) -> None:
    roles = roles_of(FILE, SCOPES)
    assert first_fitting(roles, claims) == (None if place is None else roles[place])
    assert roles[2] == Role("realm_access.roles", "leads", frozenset({"analytics"}), None, "Other")


@pytest.mark.parametrize("verified", [True, False, None, "true", 1])
def test_an_address_counts_only_where_somebody_made_sure_of_it(verified: Any) -> None:
    roles = roles_of('[[role]]\nclaim = "email"\nvalue = "a@b.example"\nscopes = ["manage"]\n', SCOPES)
    claims = {"email": "a@b.example", "email_verified": verified}
    assert (first_fitting(roles, claims) is roles[0]) is (verified is True)
    assert first_fitting(roles, {"email": "a@b.example"}) is None


GOOD = '[[role]]\nclaim = "a"\nvalue = "b"\nscopes = ["results"]\n'
WRONG = {
    "no TOML": ("claim = ", "REDWOOD_OIDC_ROLES: is no TOML"),
    "nothing": ("", "role: must stand there at least once"),
    "no list": ('role = "a"', "role: must stand there at least once"),
    "no claim": (GOOD.replace('claim = "a"\n', ""), "role 1: claim: must be text"),
    "no value": (GOOD.replace('value = "b"\n', ""), "role 1: value: must be text"),
    "an empty value": (GOOD.replace('"b"', '""'), "role 1: value: must be text"),
    "no scopes": (GOOD.replace('scopes = ["results"]\n', ""), "role 1: scopes: must be one or more of collect, manage"),
    "an unknown scope": (GOOD.replace("results", "everything"), "role 1: scopes: must be one or more of"),
    "scopes in scopes": (GOOD.replace('["results"]', '[["results"]]'), "role 1: scopes: must be"),
    "a unit that is none": (GOOD + "unit = 7\n", "role 1: unit: must be text"),
    "a mistyped name": (GOOD + 'untis = "north"\n', "role 1: untis: is not known here"),
    "another at the top": ('roles = "a"\n' + GOOD, "roles: is not known here"),
    "twice": (GOOD + GOOD, "role 2: value: stands there before"),
}


@pytest.mark.parametrize(("content", "why"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_the_file_is_said(content: str, why: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        roles_of(content, SCOPES)
    assert why in str(caught.value)


ISSUER = {"issuer": "https://login.example", "client": "c", "secret": "s", "audience": "a", "roles": "r"}
SETTINGS: dict[str, tuple[dict[str, str], str | None]] = {
    "sound": ({}, None),
    "machines only": ({"client": "", "public_url": ""}, None),
    "people only": ({"audience": ""}, None),
    "on this machine": ({"issuer": "http://127.0.0.1:8080", "public_url": "http://localhost:8000"}, None),
    "no issuer": ({"issuer": ""}, "REDWOOD_OIDC_ISSUER"),
    "an issuer without https": ({"issuer": "http://login.example"}, "REDWOOD_OIDC_ISSUER"),
    "an issuer with a query": ({"issuer": "https://login.example?tenant=1"}, "REDWOOD_OIDC_ISSUER"),
    "nobody": ({"client": "", "audience": ""}, "REDWOOD_OIDC_CLIENT"),
    "people for machines": ({"audience": "c"}, "REDWOOD_OIDC_AUDIENCE"),
    "no roles": ({"roles": ""}, "REDWOOD_OIDC_ROLES"),
    "no address": ({"public_url": ""}, "REDWOOD_PUBLIC_URL"),
    "an address without https": ({"public_url": "http://pulse.example"}, "REDWOOD_PUBLIC_URL"),
}


@pytest.mark.parametrize(("changed", "named"), SETTINGS.values(), ids=SETTINGS)
def test_settings_that_do_not_go_together_are_named(changed: dict[str, str], named: str | None) -> None:
    said = Configured(**{**ISSUER, "public_url": "https://pulse.example", **changed})
    if named is None:
        require_sound(said)
        return
    with pytest.raises(InvalidSettings) as caught:
        require_sound(said)
    assert [fault.where for fault in caught.value.faults] == [named]


@ON_SQLITE
def test_units_and_organisations_must_be_there_at_the_start(service: Service, roles: Path) -> None:
    for old, new, why in (
        ('unit = "north"', 'unit = "nowhere"', "REDWOOD_OIDC_ROLES role 2: unit: must be in a roster"),
        ('"Foreign Works"', '"Nobody\'s"', "REDWOOD_OIDC_ROLES role 4: organisation: must be one that is there"),
        ('organisation = "Own Works"', "", "REDWOOD_OIDC_ROLES role 1: organisation: must be one"),
    ):
        roles.write_text(ROLES.replace(old, new))
        with pytest.raises(InvalidSettings, match=why):
            signing_of(service.parts.settings, service.parts.database)


@ON_SQLITE
def test_the_doctor_and_the_start_say_it_in_a_line(
    service: Service, said: dict[str, str], provider: Provider, roles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDWOOD_DATABASE_URL", service.parts.settings.database_url)
    for name, value in said.items():
        monkeypatch.setenv(f"REDWOOD_{name.upper()}", value)

    def doctor() -> str:
        found = CliRunner().invoke(commands, ["doctor"]).stdout
        return next(line for line in found.splitlines() if "sign-in" in line)

    assert doctor() == "ok      sign-in: the provider answers, and 5 roles can be given"
    provider.describes = {"issuer": f"{provider.issuer}/"}
    assert "broken  sign-in: the provider does not answer, or calls its issuer otherwise" in doctor()
    roles.write_text(ROLES.replace('unit = "north"', 'unit = "nowhere"'))
    assert "broken  sign-in: REDWOOD_OIDC_ROLES role 2: unit: must be in a roster" in doctor()
    result = CliRunner().invoke(commands, ["serve", "--port", "0"])
    assert isinstance(result.exception, InvalidSettings)
    roles.unlink()
    assert "broken  sign-in: REDWOOD_OIDC_ROLES: names a file that cannot be read" in doctor()
    for name in said:
        monkeypatch.delenv(f"REDWOOD_{name.upper()}")
    assert "sign-in" not in CliRunner().invoke(commands, ["doctor"]).stdout


@ON_SQLITE
def test_whoever_sets_it_up_is_told_what_a_token_gives_and_why_not(
    service: Service, said: dict[str, str], provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDWOOD_DATABASE_URL", service.parts.settings.database_url)
    for name, value in said.items():
        monkeypatch.setenv(f"REDWOOD_{name.upper()}", value)

    def told(**claims: Any) -> Any:
        return CliRunner().invoke(commands, ["sign-in"], input=f"{provider.call_token(**claims)}\n")

    who = person_id(provider.issuer, "loader")
    assert told().stdout == f"{who}, role read: results\n"
    assert told(scope=None, roles=["north readers"]).stdout == f"{who}, role north readers: results in north\n"
    assert str(told(aud="another").exception) == "token: it is for another audience (aud)"
    assert isinstance(told(scope=None).exception, NoRole)
    provider.silent = True
    assert isinstance(told().exception, ProviderSilent)


def test_whose_a_number_is_can_be_worked_out() -> None:
    """As docs/sign-in.md says; it stands in audit logs, and must never change."""
    assert person_id("https://login.example", "248289761001") == "qvapjwhrb4relw6a"
