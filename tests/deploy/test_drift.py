"""Every way of deploying agrees with the plan, and all of them with the program."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from miaohui.cli import COMMANDS, main
from miaohui.settings.types import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PLAN = tomllib.loads((DEPLOY / "plan.toml").read_text(encoding="utf-8"))
IMAGE, ENVIRONMENT = PLAN["image"], PLAN["environment"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
CHART = DEPLOY / "helm/miaohui"
UNITS = sorted((DEPLOY / "systemd").glob("*"))
HELM, SYSTEMD = shutil.which("helm"), shutil.which("systemd-analyze")
OURS = [name for name, service in SERVICES.items() if str(service["image"]).startswith(IMAGE["name"])]
NOT_SETTINGS = {"MIAOHUI_CONFIG", "MIAOHUI_VERSION"}


def test_every_setting_that_is_named_exists() -> None:
    known = {f"MIAOHUI_{name.upper()}" for name in Settings.model_fields} | NOT_SETTINGS
    files = [file for file in DEPLOY.rglob("*") if file.is_file()]
    named = {name for file in files for name in re.findall(r"MIAOHUI_[A-Z_]+[A-Z]", file.read_text(encoding="utf-8"))}
    assert set(ENVIRONMENT) <= named
    assert named - known == set()
    assert "MIAOHUI_NOTHING" not in known


def check_command(words: list[str]) -> None:
    """Raises when the program does not know it."""
    assert words[0] in COMMANDS, words
    context = click.Context(main)
    command = main.get_command(context, words[0])
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word.partition("=")[0] for word in words[1:] if word.startswith("-")} <= known


def commands() -> Iterator[tuple[str, list[str]]]:
    for name in OURS:
        yield f"compose {name}", SERVICES[name]["command"]
    for unit in UNITS:
        for line in re.findall(r"^ExecStart=.*?/bin/miaohui (.+?)'?$", unit.read_text(encoding="utf-8"), re.MULTILINE):
            yield unit.name, line.split()
    for file in sorted((CHART / "templates").glob("*")):
        for words in re.findall(r"args: \[(\w+)\]", file.read_text(encoding="utf-8")):
            yield file.name, [words]
    for line in re.findall(r"^(?:CMD|HEALTHCHECK .* CMD) (\[.*\])$", DOCKERFILE, re.MULTILINE):
        yield "Dockerfile", [word for word in json.loads(line) if word != "miaohui"]


@pytest.mark.parametrize(("where", "words"), list(commands()))
def test_every_command_is_one_of_ours(where: str, words: list[str]) -> None:
    check_command(words)


def test_a_command_that_is_none_would_be_found() -> None:
    for words in (["fly"], ["serve", "--fly"]):
        with pytest.raises(AssertionError):
            check_command(words)


# The image


def test_the_image_is_what_the_plan_says() -> None:
    last = DOCKERFILE[DOCKERFILE.rindex("FROM ") :]
    assert dict(re.findall(r"(MIAOHUI_\w+)=(\S+)", last)) == ENVIRONMENT
    assert f"USER {IMAGE['user']}:{IMAGE['user']}" in last
    assert f"EXPOSE {IMAGE['port']} {IMAGE['admin_port']}" in last
    assert f"VOLUME {IMAGE['data']}" in last
    health = re.search(r"HEALTHCHECK .* CMD (\[.*\])", last)
    assert health is not None
    assert json.loads(health[1]) == IMAGE["health"]
    assert last.index("apt-get") < last.index("USER"), "nothing is installed by the one who runs"


def test_the_image_has_nothing_of_its_making_in_it() -> None:
    stages = re.findall(r"^FROM \S+(?: AS (\w+))?$", DOCKERFILE, re.MULTILINE)
    assert stages == ["pages", "program", ""]
    last = DOCKERFILE[DOCKERFILE.rindex("FROM ") :]
    assert re.findall(r"^COPY (.+)$", last, re.MULTILINE) == ["--from=program /opt/miaohui /opt/miaohui"]


def test_the_image_speaks_to_every_database_that_is_offered() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    driver = (ROOT / "requirements/mariadb.in").read_text(encoding="utf-8").splitlines()[-1]
    assert [driver] == extras["mariadb"]
    assert driver in extras["dev"]
    pinned = (ROOT / "requirements/mariadb.txt").read_text(encoding="utf-8")
    assert (version := re.search(r"^asyncmy==\S+", pinned, re.MULTILINE)) is not None
    assert version[0] in (ROOT / "requirements/dev.txt").read_text(encoding="utf-8"), "tests run with what is shipped"
    assert "--hash=sha256:" in pinned
    assert "-r requirements/mariadb.txt" in DOCKERFILE
    last = DOCKERFILE[DOCKERFILE.rindex("FROM ") :]
    assert {"postgresql-client", "mariadb-client"} <= set(last.split())


def excluded(path: str) -> bool:
    """By .dockerignore, where the last line that fits decides."""
    out = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        rule = line.removeprefix("!").strip().removeprefix("**/")
        if not rule or rule.startswith("#"):
            continue
        parts = Path(path).parts
        prefixes = {"/".join(parts[: number + 1]) for number in range(len(parts))}
        if any(fnmatch(one, rule) for one in prefixes) or ("**/" in line and rule in parts):
            out = not line.startswith("!")
    return out


def test_whatever_is_copied_is_there_and_comes_near_the_build() -> None:
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert not excluded(source.rstrip("/")), source
    for secret in (
        "data/secret",
        ".env",
        ".venv/bin/python",
        "src/miaohui/static/widget",
        "web/node_modules/x",
        ".git",
    ):
        assert excluded(secret), secret


# Compose


def test_every_image_is_the_plans() -> None:
    foreign = {str(service["image"]) for name, service in SERVICES.items() if name not in OURS}
    assert foreign == set(PLAN["images"].values())
    assert all(not image.endswith(":latest") and ":" in image for image in foreign)


@pytest.mark.parametrize("name", OURS)
def test_our_services_are_told_what_the_plan_says(name: str) -> None:
    service = SERVICES[name]
    assert {key: service["environment"][key] for key in ENVIRONMENT} == ENVIRONMENT
    assert service["stop_grace_period"] == f"{IMAGE['grace_seconds']}s"
    assert service["ulimits"] == {"nofile": IMAGE["open_files"]}
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]


def test_every_service_belongs_to_a_profile_and_leans_on_its_own() -> None:
    for name, service in SERVICES.items():
        assert service["profiles"] in (["minimal"], ["full"]), name
        for other in service.get("depends_on", ()):
            assert SERVICES[other]["profiles"] == service["profiles"], f"{name} leans on {other}"
            wanted = service["depends_on"][other] if isinstance(service["depends_on"], dict) else {}
            if wanted.get("condition") == "service_healthy":
                assert other in OURS or "healthcheck" in SERVICES[other], other
    assert [name for name in SERVICES if SERVICES[name]["profiles"] == ["minimal"]] == ["miaohui"]


def test_every_volume_is_declared_and_every_file_that_is_mounted_is_there() -> None:
    used = set()
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert source == "./certs" or (DEPLOY / source).exists(), source
            elif not source.startswith("/"):
                used.add(source)
    assert used == set(COMPOSE["volumes"])


def test_only_visitors_doors_are_open_to_everybody() -> None:
    open_to_all = {
        name
        for name, service in SERVICES.items()
        if any(not str(port).startswith("127.0.0.1:") for port in service.get("ports", ()))
    }
    assert open_to_all == {"miaohui", "nginx"}


def test_nginx_gets_the_file_that_is_tested_with_the_nodes_name_in_it() -> None:
    script = SERVICES["nginx"]["command"][-1]
    found = re.search(r"sed 's/(.+?)/(.+?)/'", script)
    assert found is not None
    config = (DEPLOY / "nginx/miaohui.conf").read_text(encoding="utf-8")
    assert config.count(found[1]) == 1
    assert found[2] == f"server node:{IMAGE['port']} max_fails=0;"
    for certificate in re.findall(r"ssl_certificate(?:_key)?\s+(\S+);", config):
        assert certificate in script


def test_whoever_stands_in_front_is_believed_and_nobody_else() -> None:
    subnet = COMPOSE["networks"]["default"]["ipam"]["config"][0]["subnet"]
    assert SERVICES["node"]["environment"]["MIAOHUI_TRUSTED_PROXIES"] == subnet
    assert "MIAOHUI_TRUSTED_PROXIES" not in SERVICES["miaohui"]["environment"]


def test_numbers_traces_and_logs_find_their_way() -> None:
    scrapes = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text(encoding="utf-8"))
    found = scrapes["scrape_configs"][0]["dns_sd_configs"][0]
    assert set(found["names"]) <= set(SERVICES)
    assert found["port"] == IMAGE["admin_port"]
    collector = yaml.safe_load((DEPLOY / "otel/collector.yaml").read_text(encoding="utf-8"))
    for pipeline in collector["service"]["pipelines"].values():
        for kind, names in pipeline.items():
            assert set(names) <= set(collector[kind])
    port = collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"].rpartition(":")[2]
    assert SERVICES["node"]["environment"]["MIAOHUI_TRACE_URL"] == f"http://otel:{port}"
    logs = yaml.safe_load((DEPLOY / "logs/fluent-bit.yaml").read_text(encoding="utf-8"))
    assert logs["pipeline"]["outputs"][0]["host"] in SERVICES
    parsers = re.findall(r"Name\s+(\w+)", (DEPLOY / "logs/parsers.conf").read_text(encoding="utf-8"))
    assert {"docker", "miaohui"} == set(parsers)
    datasource = DEPLOY / "grafana/provisioning/datasources/prometheus.yaml"
    url = yaml.safe_load(datasource.read_text(encoding="utf-8"))["datasources"][0]["url"]
    assert url.split("/")[2].split(":")[0] in SERVICES


# Units


@pytest.mark.parametrize("name", ["miaohui.service", "miaohui-worker.service"])
def test_units_say_what_the_plan_says(name: str) -> None:
    text = (DEPLOY / "systemd" / name).read_text(encoding="utf-8")
    told = dict(re.findall(r"^Environment=(\w+)=(.*)$", text, re.MULTILINE))
    own = {"MIAOHUI_HOST", "MIAOHUI_ADMIN_HOST", "MIAOHUI_DATA", "MIAOHUI_ADMIN_PORT", "MIAOHUI_PORT"}
    assert {key: value for key, value in told.items() if key not in own} == {
        key: value for key, value in ENVIRONMENT.items() if key not in own
    }
    assert f"TimeoutStopSec={IMAGE['grace_seconds']}\n" in text
    assert f"LimitNOFILE={IMAGE['open_files']}\n" in text
    assert "User=miaohui\n" in text


@pytest.mark.skipif(SYSTEMD is None, reason="systemd is not here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("miaohui")
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/miaohui/bin/miaohui", str(program))
        (tmp_path / unit.name).write_text(text.replace("Documentation=", "#"), encoding="utf-8")
    command = [str(SYSTEMD), "verify", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "miaohui" in line]) == (0, [])


# The chart


def template(*values: str) -> list[dict[str, Any]]:
    command = [str(HELM), "template", "x", str(CHART), "--kube-version", "1.31.0"]
    done = subprocess.run([*command, *values], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


MANY = (
    "--set=database.url=postgresql://a@b/c,redis.url=redis://r,secret=0123456789abcdef0123456789abcdefX",
    "--set=ingress.enabled=true,monitoring.enabled=true,backup.enabled=true,autoscaling.enabled=true",
)


def test_the_charts_words_are_the_plans() -> None:
    text = (CHART / "templates/_helpers.tpl").read_text(encoding="utf-8")
    told = dict(re.findall(r'- \{ name: (MIAOHUI_\w+), value: "?([^"{}]+?)"? \}', text))
    assert {key: told[key] for key in ENVIRONMENT} == ENVIRONMENT
    assert f"terminationGracePeriodSeconds: {IMAGE['grace_seconds']}\n" in text
    assert f"runAsUser: {IMAGE['user']}" in text
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    assert values["image"]["repository"] == IMAGE["name"]
    version = re.search(r'__version__ = "(.+)"', (ROOT / "src/miaohui/__init__.py").read_text(encoding="utf-8"))
    assert version is not None
    assert yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))["appVersion"] == version[1]


@pytest.mark.skipif(HELM is None, reason="helm is not here")
@pytest.mark.parametrize("values", [(), MANY], ids=["single", "many"])
def test_the_chart_becomes_objects_that_fit_together(values: tuple[str, ...]) -> None:
    made = template(*values)
    kinds = [one["kind"] for one in made]
    assert ("StatefulSet" in kinds) != ("Deployment" in kinds)
    for one in made:
        spec = one.get("spec", {})
        if one["kind"] in {"Deployment", "StatefulSet"}:
            labels = spec["template"]["metadata"]["labels"]
            assert spec["selector"]["matchLabels"].items() <= labels.items()
            check_pod(spec["template"]["spec"], spec.get("volumeClaimTemplates", []))
        elif one["kind"] == "Job":
            check_pod(spec["template"]["spec"], [])
        elif one["kind"] == "CronJob":
            check_pod(spec["jobTemplate"]["spec"]["template"]["spec"], [])
    service = next(one for one in made if one["kind"] == "Service")
    pods = [one for one in made if one["kind"] in {"Deployment", "StatefulSet"}]
    chosen = [
        one
        for one in pods
        if service["spec"]["selector"].items() <= one["spec"]["template"]["metadata"]["labels"].items()
    ]
    assert len(chosen) == 1


def check_pod(pod: dict[str, Any], claims: list[dict[str, Any]]) -> None:
    assert pod["securityContext"]["runAsNonRoot"]
    volumes = {one["name"] for one in pod["volumes"]} | {one["metadata"]["name"] for one in claims}
    for container in pod["containers"]:
        assert {one["name"] for one in container["volumeMounts"]} <= volumes
        ports = {one["name"] for one in container.get("ports", ())}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if probe in container:
                assert container[probe]["httpGet"]["port"] in ports
        assert container["securityContext"]["readOnlyRootFilesystem"]


@pytest.mark.skipif(HELM is None, reason="helm is not here")
def test_the_chart_refuses_several_nodes_without_one_secret() -> None:
    command = [
        str(HELM),
        "template",
        "x",
        str(CHART),
        "--kube-version",
        "1.31.0",
        "--set",
        "database.url=postgresql://b/c",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "same `secret`" in done.stderr
