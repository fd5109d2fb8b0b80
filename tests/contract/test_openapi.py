"""The committed contract is the code's; tests/fuzz/test_schema.py says that the service keeps to it."""

from __future__ import annotations

import json

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
    "/metrics": {"get"},
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
