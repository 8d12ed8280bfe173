"""deploy/kubernetes: valid, complete, confined, and made of words that groundkb knows."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from app.api.metrics import Held, Metrics
from app.cli.main import build
from app.cli.say import open_cli
from app.settings import known_variables, load_settings

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
KUSTOMIZATION: dict[str, Any] = yaml.safe_load((FOLDER / "kustomization.yaml").read_text("utf-8"))
VERSION = "1.31"


def read(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text("utf-8")))


OBJECTS = [item for name in KUSTOMIZATION["resources"] for item in read(name)]
NAMES = [f"{item['kind']}/{item['metadata']['name']}" for item in OBJECTS]


def pods() -> dict[str, dict[str, Any]]:
    """The pod templates, by the name of what makes them."""
    found = {}
    for item in OBJECTS:
        spec = item.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            found[item["metadata"]["name"]] = spec["template"]
    return found


def containers() -> list[tuple[str, dict[str, Any]]]:
    return [
        (pod, container)
        for pod, template in pods().items()
        for kind in ("initContainers", "containers")
        for container in template["spec"].get(kind, ())
    ]


def variables(name: str) -> dict[str, str]:
    lines = (FOLDER / name).read_text("utf-8").split()
    return dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize("item", OBJECTS, ids=NAMES)
def test_every_object_meets_the_published_schema(item: dict[str, Any]) -> None:
    kubernetes_validate.validate(item, VERSION, strict=True)


def test_the_schemas_tell_right_from_wrong() -> None:
    [service] = [item for item in OBJECTS if item["kind"] == "Service"][:1]
    broken = {**service, "spec": {**service["spec"], "portz": []}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, VERSION, strict=True)


def test_all_files_are_applied_and_no_name_comes_twice() -> None:
    there = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert there == set(KUSTOMIZATION["resources"])
    assert len(set(NAMES)) == len(NAMES)
    assert {"Deployment/api", "Deployment/worker", "CronJob/backup"} <= set(NAMES)
    for made in KUSTOMIZATION["configMapGenerator"]:
        assert all((FOLDER / name).exists() for name in made["envs"])
    for made in KUSTOMIZATION["secretGenerator"]:
        assert all((FOLDER / f"{name}.example").exists() for name in made["envs"])
    assert "deploy/kubernetes/secrets.env" in (ROOT / ".gitignore").read_text("utf-8").split()


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_what_kubectl_makes_of_it_is_valid_and_holds_together(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "kubernetes")
    shutil.copy(folder / "secrets.env.example", folder / "secrets.env")
    made = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    objects = list(yaml.safe_load_all(made.stdout))
    for item in objects:
        kubernetes_validate.validate(item, VERSION, strict=True)
    assert len(objects) == len(OBJECTS) + 2  # with the settings and the secrets
    # They are called by their contents, everywhere.
    [settings] = [item["metadata"]["name"] for item in objects if item["kind"] == "ConfigMap"]
    [secrets] = [item["metadata"]["name"] for item in objects if item["kind"] == "Secret"]
    assert {settings, secrets}.isdisjoint({"groundkb"})
    named = re.findall(
        r"(?:configMapRef|secretRef|secretKeyRef):\n(?:\s+key: .*\n)?\s+name: (.*)", made.stdout
    )
    assert set(named) == {settings, secrets}


def test_groundkb_accepts_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    given = variables("groundkb.env") | variables("secrets.env.example")
    assert {name for name in given if name.startswith("GROUNDKB_")} <= known_variables()
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    services = {item["metadata"]["name"]: item for item in OBJECTS if item["kind"] == "Service"}
    assert (settings.serve_jobs, settings.schedule) == (False, False)
    for url in (settings.qdrant_url, settings.ollama_url, settings.database_url):
        host, _, port = re.split(r"//(?:.*@)?", str(url))[1].partition("/")[0].partition(":")
        assert int(port or 5432) in {each["port"] for each in services[host]["spec"]["ports"]}


@pytest.mark.parametrize(
    ("pod", "container"),
    containers(),
    ids=lambda part: part if isinstance(part, str) else part["name"],
)
def test_every_container_is_confined_and_bounded(pod: str, container: dict[str, Any]) -> None:
    of_pod, own = pods()[pod]["spec"], container["securityContext"]
    assert of_pod["securityContext"]["runAsNonRoot"] is True
    assert of_pod["securityContext"]["runAsUser"] > 0
    assert of_pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert of_pod["automountServiceAccountToken"] is False
    assert own["readOnlyRootFilesystem"] is True
    assert own["allowPrivilegeEscalation"] is False
    assert own["capabilities"] == {"drop": ["ALL"]}
    assert container["resources"]["limits"]["memory"]
    assert container["resources"]["requests"].keys() >= {"cpu", "memory"}
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    claimed = {item["metadata"]["name"] for item in _claims(pod)}
    assert mounted <= {volume["name"] for volume in of_pod.get("volumes", ())} | claimed


def _claims(pod: str) -> list[dict[str, Any]]:
    return [
        claim
        for item in OBJECTS
        if item["metadata"]["name"] == pod
        for claim in item.get("spec", {}).get("volumeClaimTemplates", ())
    ]


def test_images_are_pinned() -> None:
    pinned = {image["name"] for image in KUSTOMIZATION["images"] if image["newTag"]}
    for _, container in containers():
        name, _, tag = container["image"].partition(":")
        assert re.search(r"\d", tag) or name in pinned, container["image"]


def test_servers_are_probed_and_a_probe_is_let_in() -> None:
    for name, template in pods().items():
        [container] = template["spec"]["containers"]
        if name == "backup":
            continue
        ports = {port["name"] for port in container["ports"]}
        kinds = [kind for kind in container if kind.endswith("Probe")]
        assert "livenessProbe" in kinds
        for kind in kinds:
            asked = container[kind].get("httpGet")
            if asked is None:
                continue
            assert asked["port"] in ports
            if container["image"] == "groundkb":
                assert asked["path"] in ("/livez", "/readyz")
                # The guard of host names knows loopback's, not the pod's address.
                assert asked["httpHeaders"] == [{"name": "Host", "value": "localhost"}]


def options_of(command: str) -> set[str]:
    group = build(open_cli())
    group.load(command)
    params = group.commands[command].params
    return {name for each in params for name in (*each.opts, *each.secondary_opts)}


def test_commands_exist() -> None:
    for _, container in containers():
        if container["image"] == "groundkb":
            program, command, *rest = container["args"]
            assert program == "groundkb"
            assert {part for part in rest if part.startswith("--")} <= options_of(command)


def test_who_may_speak_to_whom_matches_the_ports() -> None:
    policies = [item["spec"] for item in OBJECTS if item["kind"] == "NetworkPolicy"]
    closed = [item for item in policies if item["podSelector"] == {} and "egress" not in item]
    assert [item["policyTypes"] for item in closed] == [["Ingress", "Egress"]]
    open_to = {
        (
            rule["to"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/name"],
            rule["ports"][0]["port"],
        )
        for policy in policies
        for rule in policy.get("egress", ())
        if "podSelector" in (rule.get("to") or [{}])[0]
    }
    served = {
        (item["metadata"]["name"], port["port"])
        for item in OBJECTS
        if item["kind"] == "Service" and item["metadata"]["name"] != "api"
        for port in item["spec"]["ports"]
    }
    assert open_to == served


def test_it_is_scaled_by_figures_that_the_server_has() -> None:
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "adapter.yml").read_text("utf-8"))
    given = {rule["name"]["as"]: rule for rule in (*rules["rules"], *rules["externalRules"])}
    asked = {
        metric[metric["type"].lower()]["metric"]["name"]
        for item in OBJECTS
        if item["kind"] == "HorizontalPodAutoscaler"
        for metric in item["spec"]["metrics"]
    }
    assert asked == set(given)
    metrics = Metrics()
    metrics.hold(Held(0, 0, 0, 0))
    exported = metrics.exposition().decode()
    for rule in given.values():
        [name] = set(re.findall(r"groundkb_\w+", rule["seriesQuery"]))
        assert f"\n# TYPE {name.removesuffix('_bucket')} " in exported
        assert name in rule["metricsQuery"]
    deployments = {item["metadata"]["name"] for item in OBJECTS if item["kind"] == "Deployment"}
    for item in OBJECTS:
        if item["kind"] == "HorizontalPodAutoscaler":
            assert item["spec"]["scaleTargetRef"]["name"] in deployments
