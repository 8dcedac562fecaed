"""The Helm chart: Helm itself lints and renders it, and every manifest is held against Kubernetes' own schemas."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.channels import PLATFORMS
from assistant.settings import MESSENGERS
from tests.deploy.programs import CHART, run

KUBERNETES = ("1.25", "1.31", "1.37")
NAMESPACE = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}]
SMALL: dict[str, Any] = {
    "image": {"repository": "registry.example.org/linden"},
    "secrets": {"existingSecret": "linden"},
    "networkPolicy": {
        "ingressFrom": NAMESPACE,
        "database": {"to": [{"ipBlock": {"cidr": "10.0.0.5/32"}}]},
        "locks": {"to": [{"podSelector": {"matchLabels": {"app": "redis"}}}]},
    },
}


def changed(**changes: Any) -> dict[str, Any]:
    """Return the smallest values with some changed; "a__b" is b in a."""
    values = copy.deepcopy(SMALL)
    for path, value in changes.items():
        *folders, name = path.split("__")
        place = values
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = value
    return values


LARGE = changed(
    channels=list(MESSENGERS),
    publicUrl="https://chat.example.org",
    ingress={
        "enabled": True,
        "className": "nginx",
        "host": "chat.example.org",
        "tlsSecret": "chat",
        "annotations": {"a/b": "c"},
    },
    autoscaling={"enabled": True},
    metrics={"serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}}},
    networkPolicy__metricsFrom=NAMESPACE,
    image={"repository": "registry.example.org/linden", "digest": "sha256:" + "a" * 64, "pullSecrets": ["pull"]},
    settings={"region": "GB", "origins": ["https://www.example.org"], "exit": "https://example.org/weather"},
    tolerations=[{"key": "care", "operator": "Exists"}],
    nodeSelector={"kubernetes.io/os": "linux"},
    podAnnotations={"a/b": "c"},
    podLabels={"team": "care"},
    priorityClassName="high",
    serviceAccount={"annotations": {"a/b": "c"}},
    podDisruptionBudget={"maxUnavailable": "50%"},
)


@pytest.fixture(scope="session")
def rendered(helm: Callable[..., Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return a function that renders values into manifests by kind and name."""
    known: dict[str, dict[str, Any]] = {}

    def render(values: dict[str, Any]) -> dict[str, Any]:
        key = json.dumps(values)
        if key not in known:
            answer = helm("render", values)
            texts = [text for path, text in answer["manifests"].items() if path.endswith(".yaml")]
            documents = [found for text in texts for found in yaml.safe_load_all(text) if found]
            known[key] = {f"{found['kind']}/{found['metadata']['name']}": found for found in documents}
        return known[key]

    return render


def pod(manifests: dict[str, Any]) -> Any:
    return manifests["Deployment/linden"]["spec"]["template"]["spec"]


def test_helm_finds_no_fault(helm: Callable[..., Any]) -> None:
    """`helm lint --strict` has at most a remark."""
    found = helm("lint")["lint"]

    assert (1, []) == (found["total_charts_linted"], found["errors"])
    assert ["icon is recommended"] == [message["error"] for message in found["messages"]]


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("values", [SMALL, LARGE], ids=["small", "large"])
def test_kubernetes_knows_every_field(rendered: Any, tools: Path, tmp_path: Path, values: Any, version: str) -> None:
    """Each manifest follows the strict schema of its kind; a ServiceMonitor is not Kubernetes' own and has none."""
    manifests = [m for m in rendered(values).values() if m["kind"] != "ServiceMonitor"]
    for i, manifest in enumerate(manifests):
        (tmp_path / f"{i}.yaml").write_text(yaml.safe_dump(manifest))

    done = run(tools / "kubernetes-validate", "--strict", "-k", version, *sorted(tmp_path.glob("*.yaml")))

    assert 0 == done.returncode, done.stdout + done.stderr
    assert len(manifests) == done.stdout.count("passed")


def test_what_is_rendered_by_default(rendered: Any) -> None:
    """Nothing that was not asked for: no ingress, no autoscaler, no monitor, and no secret ever."""
    small = ["Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service", "Service", "ServiceAccount"]
    more = ["HorizontalPodAutoscaler", "Ingress", "ServiceMonitor"]

    assert small == sorted(m["kind"] for m in rendered(SMALL).values())
    assert sorted(small + more) == sorted(m["kind"] for m in rendered(LARGE).values())


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "image.repository: where is the image"),
        (changed(secrets__existingSecret=""), "secrets.existingSecret: name a Secret with the keys LINDEN_STORE"),
        (changed(channels=["sms"]), "publicUrl: sms and whatsapp need the public address"),
        (changed(ingress={"enabled": True, "host": "a.example"}), "ingress.tlsSecret: there is no ingress without TLS"),
        (changed(ingress={"enabled": True, "tlsSecret": "a"}), "ingress.host: the public name"),
        (changed(networkPolicy__ingressFrom=[]), "networkPolicy.ingressFrom: say where the ingress controller is"),
        (changed(networkPolicy__database__to=[]), "networkPolicy.database.to: say where the database is"),
        (changed(networkPolicy__locks__to=[]), "networkPolicy.locks.to: say where Redis is"),
        (changed(metrics__serviceMonitor__enabled=True), "networkPolicy.metricsFrom: say where Prometheus is"),
        # what the schema refuses
        (changed(postgresql={"enabled": True}), "additional properties 'postgresql' not allowed"),
        (changed(secrets__storeKeys="abc"), "additional properties 'storeKeys' not allowed"),
        (changed(settings__apiToken="abc"), "additional properties 'apiToken' not allowed"),
        (changed(channels=["fax"]), "value must be one of 'sms'"),
        (changed(replicas=0), "minimum: got 0, want 1"),
        (changed(settings__origins=["*"]), "does not match pattern"),
        (changed(settings__keptMinutes=61), "maximum: got 61, want 60"),
    ],
)
def test_what_cannot_be_run_safely_is_refused(helm: Callable[..., Any], values: dict[str, Any], said: str) -> None:
    """The operator reads what to mend."""
    assert said in helm("render", values)["fault"]


@pytest.mark.parametrize("values", [SMALL, LARGE], ids=["small", "large"])
def test_a_pod_is_restricted(rendered: Any, values: dict[str, Any]) -> None:
    """As Kubernetes' Pod Security level "restricted" asks for, and read-only, and without a token of the cluster."""
    found = pod(rendered(values))
    (container,) = found["containers"]

    assert {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}} == (
        container["securityContext"]
    )
    assert found["securityContext"]["runAsNonRoot"] is True
    assert (10001, 10001) == (found["securityContext"]["runAsUser"], found["securityContext"]["runAsGroup"])
    assert {"type": "RuntimeDefault"} == found["securityContext"]["seccompProfile"]
    assert found["automountServiceAccountToken"] is False
    assert rendered(values)["ServiceAccount/linden"]["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(found)
    assert {"emptyDir", "secret"} == {kind for volume in found["volumes"] for kind in volume if kind != "name"}


def test_a_pod_has_limits_and_probes(rendered: Any) -> None:
    """Ready is asked before anybody is sent there; alive is asked of the process alone."""
    (container,) = pod(rendered(SMALL))["containers"]
    asked = {name: container[name]["httpGet"]["path"] for name in ("startupProbe", "readinessProbe", "livenessProbe")}

    assert {"memory": "600Mi", "cpu": "1"} == container["resources"]["limits"]
    assert "400Mi" == container["resources"]["requests"]["memory"]
    assert {"startupProbe": "/health", "readinessProbe": "/ready", "livenessProbe": "/health"} == asked


def test_an_update_takes_nobody_away(rendered: Any) -> None:
    """A pod goes when its successor is ready, after proxies had time to learn of it."""
    spec = rendered(SMALL)["Deployment/linden"]["spec"]
    found = pod(rendered(SMALL))

    assert {"maxUnavailable": 0, "maxSurge": 1} == spec["strategy"]["rollingUpdate"]
    assert ["sleep", "10"] == found["containers"][0]["lifecycle"]["preStop"]["exec"]["command"]
    assert found["terminationGracePeriodSeconds"] > 10 + 30
    assert 1 == rendered(SMALL)["PodDisruptionBudget/linden"]["spec"]["maxUnavailable"]
    assert "replicas" not in rendered(LARGE)["Deployment/linden"]["spec"]  # the autoscaler's to say


@pytest.mark.parametrize("name", ["", *MESSENGERS])
def test_secrets_come_as_files_only(rendered: Any, name: str) -> None:
    """What a channel needs is mounted from the operator's Secret, and is not in the environment."""
    found = pod(rendered(changed(channels=[name] if name else [], publicUrl="https://chat.example.org")))
    variables = {entry["name"]: entry for entry in found["containers"][0]["env"]}
    wanted = {"LINDEN_STORE", "LINDEN_STORE_KEYS", "LINDEN_LOCKS", *(PLATFORMS[name].secrets if name else ())}
    wanted -= {"LINDEN_PUBLIC_URL"}
    (mounted,) = (volume["secret"] for volume in found["volumes"] if "secret" in volume)

    assert wanted == {item["key"] for item in mounted["items"]} == {item["path"] for item in mounted["items"]}
    assert {f"{key}_FILE": f"/run/secrets/linden/{key}" for key in wanted} == {
        key: entry["value"] for key, entry in variables.items() if key.endswith("_FILE")
    }
    assert all({"name", "value"} == set(entry) for entry in variables.values())
    assert not wanted & set(variables)
    assert found["enableServiceLinks"] is False  # else a Service named linden-metrics would set LINDEN_METRICS_PORT


def test_traffic_is_closed_but_for_what_is_named(rendered: Any) -> None:
    """In from the ingress controller to one port, out to names, database and Redis, and nothing else."""
    spec = rendered(SMALL)["NetworkPolicy/linden"]["spec"]

    assert ["Ingress", "Egress"] == spec["policyTypes"]
    assert [[5005]] == [[port["port"] for port in rule["ports"]] for rule in spec["ingress"]]
    assert [[53, 53], [5432], [6379]] == [[port["port"] for port in rule["ports"]] for rule in spec["egress"]]
    assert all(rule.get("to") for rule in spec["egress"])
    assert all(rule.get("from") for rule in spec["ingress"])


def test_the_way_out_is_open_with_messengers_only(rendered: Any) -> None:
    """Port 443, and not to the cluster's own networks."""
    last = rendered(LARGE)["NetworkPolicy/linden"]["spec"]["egress"][-1]

    assert [{"port": 443, "protocol": "TCP"}] == last["ports"]
    assert {"10.0.0.0/8", "169.254.0.0/16"} <= set(last["to"][0]["ipBlock"]["except"])
    assert [5005, 9100] == [r["ports"][0]["port"] for r in rendered(LARGE)["NetworkPolicy/linden"]["spec"]["ingress"]]


def test_the_ingress_has_tls_and_the_public_paths_only(rendered: Any) -> None:
    """The same paths as at the proxy of compose.yaml; metrics and Rasa's own API have none."""
    spec = rendered(LARGE)["Ingress/linden"]["spec"]
    paths = {path["path"]: path["pathType"] for path in spec["rules"][0]["http"]["paths"]}
    webhooks = {f"/webhooks/{name}/webhook" for name in MESSENGERS}

    assert [{"hosts": ["chat.example.org"], "secretName": "chat"}] == spec["tls"]
    assert {"/leave/", "/widget/"} == {path for path, kind in paths.items() if kind == "Prefix"}
    assert {"/", "/safety", "/chat", "/api/session", "/api/message", "/api/end", "/api/words"} | webhooks == {
        path for path, kind in paths.items() if kind == "Exact"
    }
    assert [5005] == [p["containerPort"] for p in pod(rendered(LARGE))["containers"][0]["ports"] if p["name"] == "http"]
    assert ["http"] == [port["name"] for port in rendered(LARGE)["Service/linden"]["spec"]["ports"]]


def test_every_value_is_in_the_schema() -> None:
    """A value that is documented can be set, and the schema is strict everywhere."""
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())

    def open_ones(part: Any, path: str) -> list[str]:
        found = [path] if part.get("properties") and part.get("additionalProperties") is not False else []
        for name, inner in {**part.get("properties", {}), **part.get("definitions", {})}.items():
            found += open_ones(inner, f"{path}/{name}")
        return found

    assert set(values) | {"global"} == set(schema["properties"])
    assert [] == open_ones(schema, "")
