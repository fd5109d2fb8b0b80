"""The committed contract is the code's, and the service keeps to it whatever is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig

from tests.contract.openapi_document import FILE, document

CONTRACT = json.loads(FILE.read_text())
OPERATIONS = [(path, method) for path, methods in CONTRACT["paths"].items() for method in methods]

#: Paths of the contract that must stand, whatever else is added.
PROMISED = {
    "/v1/roster": {"put", "get"},
    "/v1/roster/import": {"post"},
    "/v1/instruments": {"post", "get"},
    "/v1/instruments/{id}": {"get"},
    "/v1/pulses": {"post", "get"},
    "/v1/pulses/{pulse}": {"get"},
    "/v1/pulses/{pulse}/open": {"post"},
    "/v1/pulses/{pulse}/close": {"post"},
    "/v1/pulses/{pulse}/release": {"post", "get"},
    "/v1/pulses/{pulse}/invitations": {"post"},
    "/v1/pulses/{pulse}/questionnaire": {"get"},
    "/v1/pulses/{pulse}/exposure": {"get"},
    "/v1/pulses/{pulse}/responses": {"post"},
    "/v1/pulses/{pulse}/participation": {"get"},
    "/v1/pulses/{pulse}/attack-report": {"get"},
    "/v1/results": {"get"},
    "/v1/heatmap": {"get"},
    "/v1/trends": {"get"},
    "/v1/quality": {"get"},
    "/v1/changes": {"get"},
    "/v1/alerts": {"get"},
    "/v1/clusters": {"get"},
    "/v1/archetypes": {"get"},
    "/v1/drivers": {"get"},
    "/v1/items": {"get"},
    "/v1/agreement": {"get"},
    "/v1/interdependence": {"get"},
    "/v1/coordination": {"get"},
    "/v1/pulses/{pulse}/findings": {"get"},
    "/v1/pulses/{pulse}/forecasts": {"get"},
    "/v1/pulses/{pulse}/forecasts/{unit}": {"put", "get", "delete"},
    "/v1/dictionary": {"get"},
    "/healthz": {"get"},
    "/readyz": {"get"},
}


def test_the_committed_document_is_the_codes() -> None:
    assert FILE.read_text() == document(), "run bin/openapi and commit what changes"


def test_every_promised_path_stands() -> None:
    for path, methods in PROMISED.items():
        assert methods <= CONTRACT["paths"][path].keys()


def test_every_operation_says_what_it_is_for() -> None:
    for path, method in OPERATIONS:
        operation = CONTRACT["paths"][path][method]
        assert operation["summary"]
        assert operation["tags"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_input_breaks_the_service(doors: Any) -> None:
    """Every operation, with input made from the contract and against it, from one fixed seed."""
    schema = schemathesis.openapi.from_asgi(
        "/openapi.json", doors.client._transport.app, config=SchemathesisConfig.from_dict({"seed": 7})
    )
    checks = [check for check in CHECKS.get_all() if check.__name__ in KEPT]
    assert len(checks) == len(KEPT)
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=25,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @schemathesis_given(operation)
        def attempt(case: Any) -> None:
            nonlocal tried
            tried += 1
            response = case.call(headers=doors.manager)
            case.validate_response(response, checks=checks)

        attempt()
    assert tried > 200


#: What must hold of every reply: nothing of ours breaks, and only documented statuses, types and shapes come back.
KEPT = {
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
}


def schemathesis_given(operation: Any) -> Any:
    from hypothesis import given

    return given(case=operation.as_strategy())
