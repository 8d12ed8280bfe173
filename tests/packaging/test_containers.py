"""docker-compose.yml and Dockerfile: valid, and made of words that groundkb knows."""

import json
import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema.validators import validator_for

from app.settings import known_variables, load_settings
from ingest.schedule import next_run

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
# Variables of the other servers, the schedule, the backup and the C library.
FOREIGN = {
    "QDRANT__TELEMETRY_DISABLED",
    "OLLAMA_HOST",
    "HF_HOME",
    "POSTGRES_USER",
    "POSTGRES_DB",
    "POSTGRES_PASSWORD",
    "BACKUP_DAYS",
    "SCHEDULE",
    "TZ",
    "HOME",
    "TMPDIR",
}
OWN = [name for name, service in SERVICES.items() if service["image"].startswith("groundkb:")]
# What follows from the file itself: where things are inside the containers.
FIXED = {"DATA", "MODELS", "HOST", "PORT", "QDRANT_URL", "OLLAMA_URL"}


def environment(service: str) -> dict[str, str]:
    """The variables of a service, with `${NAME:-default}` resolved to its default."""
    return {
        name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", str(value))
        for name, value in SERVICES[service].get("environment", {}).items()
    }


def test_compose_file_meets_the_compose_specification() -> None:
    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    content = json.loads(schema.read_text(encoding="utf-8"))
    validator = validator_for(content)(content)
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []
    broken = {**COMPOSE, "services": {"app": {"imagee": "x"}}}
    assert list(validator.iter_errors(broken)), "the schema tells right from wrong"


def test_services_volumes_and_networks_exist_that_are_referred_to() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", {})) <= set(SERVICES), name
        assert set(service["networks"]) <= set(COMPOSE["networks"]), name
        named = {volume.split(":")[0] for volume in service.get("volumes", [])}
        folders = {volume for volume in named if volume.startswith(("/", ".", "$"))}
        assert named - folders <= set(COMPOSE["volumes"]), name


@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_is_known(service: str) -> None:
    assert set(environment(service)) <= known_variables() | FOREIGN


@pytest.mark.parametrize("service", OWN)
def test_every_setting_that_is_not_fixed_here_passes_through(service: str) -> None:
    """From `.env`, as it is; what is set here for a variable of that name takes what is given there."""
    assert SERVICES[service]["env_file"] == [{"path": ".env", "required": False}]
    given = SERVICES[service]["environment"]
    stuck = set()
    for name in (each.removeprefix("GROUNDKB_") for each in known_variables()):
        value = given.get(f"GROUNDKB_{name}")
        passes = value is None or value.startswith(f"${{GROUNDKB_{name}:-")
        if not passes:
            stuck.add(name)
    assert stuck == FIXED | ({"SCHEDULE"} if service == "app" else set())


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_takes_all_memory_or_fills_the_disk_with_logs(service: str) -> None:
    assert SERVICES[service]["mem_limit"]
    assert SERVICES[service]["pids_limit"]
    assert SERVICES[service]["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


@pytest.mark.parametrize("service", OWN)
def test_what_is_unpacked_is_on_a_disk(service: str) -> None:
    assert SERVICES[service]["tmpfs"] == ["/tmp:size=64m"]
    assert environment(service)["TMPDIR"] == "/scratch"
    assert "scratch:/scratch" in SERVICES[service]["volumes"]
    assert "/scratch" in DOCKERFILE


def test_one_profile_brings_one_chat_server() -> None:
    for profile, server in (("cpu", "ollama"), ("nvidia", "ollama-nvidia"), ("vllm", "vllm")):
        named = [
            name for name, service in SERVICES.items() if profile in service.get("profiles", ())
        ]
        assert [name for name in named if name != "ollama-pull"] == [server]
        waits = SERVICES["app"]["depends_on"][server]
        assert waits == {"condition": "service_healthy", "required": False}
    devices = SERVICES["ollama-nvidia"]["deploy"]["resources"]["reservations"]["devices"]
    assert devices == SERVICES["vllm"]["deploy"]["resources"]["reservations"]["devices"]
    assert devices[0]["capabilities"] == ["gpu"]
    assert SERVICES["ollama-nvidia"]["networks"]["inside"]["aliases"] == ["ollama"]


def test_the_image_reads_buckets_pictures_and_postgresql() -> None:
    extras = re.search(r"-c constraints\.txt '\.\[([\w,]+)\]'", DOCKERFILE)
    assert extras is not None
    assert set(extras[1].split(",")) >= {"cloud", "ocr", "otel", "postgres"}


@pytest.mark.parametrize("service", ["app", "cron", "models-pull"])
def test_groundkb_accepts_the_environment(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(service).items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.qdrant_url == "http://qdrant:6333"
    assert settings.host == "0.0.0.0", "inside the container; published on loopback only"
    assert settings.chat == "ollama"
    assert settings.api_keys == ()


def test_only_the_app_is_published_and_only_on_loopback() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"app": ["127.0.0.1:8000:8000"]}


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_confined(service: str) -> None:
    assert SERVICES[service]["cap_drop"] == ["ALL"]
    assert SERVICES[service]["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in SERVICES[service]


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_runs_as_root(service: str) -> None:
    if build := SERVICES[service].get("build"):
        stage = re.split(rf"(?m)^FROM .* AS {build['target']}$", DOCKERFILE)[1]
        user = re.search(r"(?m)^USER (\w+)$", re.split(r"(?m)^FROM ", stage)[0])
        assert user is not None
        assert user[1] not in ("root", "0")
    elif user := SERVICES[service].get("user"):
        assert user not in ("root", "0")
    elif service == "ollama-pull":
        assert SERVICES[service]["image"] == SERVICES["ollama"]["image"]
    else:
        assert SERVICES[service]["image"].endswith("-unprivileged")


def test_every_image_is_pinned() -> None:
    images = {service["image"] for service in SERVICES.values()}
    images |= set(re.findall(r"(?m)^FROM (\S+)", DOCKERFILE))
    for image in images:
        tag = image.partition(":")[2]
        assert re.search(r"\d", tag), f"{image} names no version"


@pytest.mark.parametrize("service", ["qdrant", "ollama"])
def test_servers_are_waited_for(service: str) -> None:
    assert SERVICES[service]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES["app"]["depends_on"][service]["condition"] == "service_healthy"


def test_the_nightly_writer_shares_the_library_but_only_reads_documents() -> None:
    app, cron = SERVICES["app"]["volumes"], SERVICES["cron"]["volumes"]
    assert "data:/data" in app
    assert "data:/data" in cron
    for volumes in (app, cron):
        assert any(volume.endswith(":/documents:ro") for volume in volumes)


def test_one_service_keeps_the_schedule() -> None:
    assert environment("app")["GROUNDKB_SCHEDULE"] == "false"
    command = SERVICES["cron"]["command"][-1].replace("$$", "$")
    for part in ("groundkb ingest sync /documents", "groundkb schedule run"):
        assert part in command
    add = re.search(r'groundkb schedule add /documents --cron "\$SCHEDULE" --tz "\$TZ"', command)
    assert add is not None
    given = environment("cron")
    assert next_run(given["SCHEDULE"], given["TZ"], datetime.now(UTC)) > datetime.now(UTC)


def test_data_base_and_documents_stay_inside() -> None:
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["qdrant"]["networks"] == ["inside"]
    assert SERVICES["postgres"]["networks"] == ["inside"]


def test_scheduled_syncs_reach_web_sites_and_buckets() -> None:
    assert set(SERVICES["cron"]["networks"]) == {"inside", "outside"}


def test_images_are_given_what_the_build_copies() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*", "an allow-list, so that no data or key slips into an image"
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copied = re.findall(r"(?m)^COPY (?!--)(.+) \S+$", DOCKERFILE)
    sources = {part.split("/")[0] for line in copied for part in line.split()}
    assert sources == allowed
    assert all((ROOT / name).exists() for name in allowed)
