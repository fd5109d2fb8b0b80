"""What runs Redwood elsewhere is valid by the schemas of who reads it, and names only what there is; no cluster."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from starlette.routing import Mount, Route

from service.api.app import create_app
from service.bootstrap import runtime
from service.settings import Settings

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy" / "kubernetes" / "redwood.yaml"
PARTS: list[dict[str, Any]] = list(yaml.safe_load_all(FILE.read_text()))
KIND = {part["kind"]: part for part in PARTS}
POD: dict[str, Any] = KIND["Deployment"]["spec"]["template"]["spec"]
CONTAINERS: list[dict[str, Any]] = [*POD["initContainers"], *POD["containers"]]
#: Asked by what runs it, and by nobody outside.
INSIDE = {"/healthz", "/readyz", "/metrics"}


@pytest.mark.parametrize("version", ["1.32", "1.34", "1.37"])
@pytest.mark.parametrize("part", PARTS, ids=[part["kind"] for part in PARTS])
def test_each_part_is_valid_for_the_clusters_in_use(part: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(part, version, strict=True)


def test_a_misspelt_field_is_not() -> None:
    """Else the test above could not fail."""
    wrong = copy.deepcopy(KIND["Deployment"])
    wrong["spec"]["template"]["spec"]["containers"][0]["redinessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.34", strict=True)


def test_compose_is_valid_by_its_specification() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    schema = get_builtin_schema("vendor.compose-spec")
    jsonschema.validate(compose, schema)
    compose["services"]["redwood"]["helthcheck"] = {}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(compose, schema)


def test_every_variable_is_a_setting() -> None:
    named = set(re.findall(r"REDWOOD_([A-Z_]+)", FILE.read_text()))
    assert named
    assert named <= {name.upper() for name in Settings.model_fields}


def test_every_path_is_let_in_but_those_for_inside() -> None:
    rule = KIND["Ingress"]["spec"]["rules"][0]["http"]["paths"]
    exact = {it["path"] for it in rule if it["pathType"] == "Exact"}
    prefixes = [it["path"] for it in rule if it["pathType"] == "Prefix"]
    app = create_app(runtime(Settings(database_url="sqlite:///:memory:")))
    paths = {route.path for route in app.routes if isinstance(route, Route | Mount)}
    assert paths >= INSIDE
    for path in paths:
        is_let_in = path in exact or any(path == it or path.startswith(f"{it}/") for it in prefixes)
        assert is_let_in is (path not in INSIDE), path


def test_what_is_referred_to_is_there() -> None:
    volumes = {volume["name"] for volume in POD["volumes"]}
    assert {mount["name"] for it in CONTAINERS for mount in it.get("volumeMounts", ())} == volumes
    claims = {it["persistentVolumeClaim"]["claimName"] for it in POD["volumes"] if "persistentVolumeClaim" in it}
    assert claims == {KIND["PersistentVolumeClaim"]["metadata"]["name"]}
    labels = KIND["Deployment"]["spec"]["template"]["metadata"]["labels"]
    for kind, path in {"Service": ("selector",), "PodDisruptionBudget": ("selector", "matchLabels")}.items():
        chosen = KIND[kind]["spec"]
        for step in path:
            chosen = chosen[step]
        assert chosen == labels
    assert KIND["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    ports = {port["name"] for port in POD["containers"][0]["ports"]}
    assert {port["targetPort"] for port in KIND["Service"]["spec"]["ports"]} <= ports


def test_keys_are_seen_by_every_pod_and_lie_where_the_setting_says() -> None:
    assert KIND["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteMany"]
    custody = {it["value"] for it in POD["containers"][0]["env"] if it["name"] == "REDWOOD_CUSTODY"}
    where = {it["mountPath"] for it in POD["containers"][0]["volumeMounts"] if it["name"] == "keys"}
    assert custody == {f"file:{path}" for path in where}


@pytest.mark.parametrize("container", CONTAINERS, ids=[it["name"] for it in CONTAINERS])
def test_each_container_may_do_little(container: dict[str, Any]) -> None:
    may = container["securityContext"]
    assert may["allowPrivilegeEscalation"] is False
    assert may["readOnlyRootFilesystem"] is True
    assert may["capabilities"] == {"drop": ["ALL"]}
    assert "memory" in container["resources"]["limits"]


def test_nobody_is_root_and_nobody_has_the_clusters_key() -> None:
    assert POD["securityContext"]["runAsNonRoot"] is True
    # The Dockerfile's account, or the volumes would be somebody else's.
    assert f"USER {POD['securityContext']['runAsUser']}:" in (ROOT / "Dockerfile").read_text()
    assert POD["automountServiceAccountToken"] is False


def test_no_secret_stands_in_a_manifest() -> None:
    assert "Secret" not in KIND
    secret = {name for name, field in Settings.model_fields.items() if (field.json_schema_extra or {}).get("secret")}  # type: ignore[union-attr]
    for container in CONTAINERS:
        for it in container["env"]:
            if it["name"].removeprefix("REDWOOD_").lower() in secret:
                assert "secretKeyRef" in it["valueFrom"]
    assert not {name for name in KIND["ConfigMap"]["data"] if name.removeprefix("REDWOOD_").lower() in secret}


def test_the_proxy_keeps_no_log_of_who_answered_when() -> None:
    assert KIND["Ingress"]["metadata"]["annotations"]["nginx.ingress.kubernetes.io/enable-access-log"] == "false"
