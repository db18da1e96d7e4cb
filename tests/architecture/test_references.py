"""Nothing lands undocumented: the references stand in the code, and the pages written from it are up to date."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys

import pytest
from tests.architecture.tree import PACKAGE, ROOT

REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture(scope="module", autouse=True)
def _everything_imported() -> None:
    for found in pkgutil.walk_packages([str(PACKAGE)], "miaohui."):
        if ".migrations" not in found.name and not found.name.endswith("__main__"):
            importlib.import_module(found.name)


def test_the_pages_written_from_the_code_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/reference.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_setting_says_what_it_does_in_a_sentence() -> None:
    from miaohui.settings.types import Settings

    fields = Settings.model_fields.items()
    assert [name for name, field in fields if not (field.description or "").rstrip().endswith(".")] == []


def test_every_setting_that_bounds_something_is_itself_bounded() -> None:
    from miaohui.settings.types import Settings

    numbers = {name: field for name, field in Settings.model_fields.items() if field.annotation in {int, float}}
    assert [name for name, field in numbers.items() if not field.metadata] == []


def test_every_metric_is_named_for_this_house_and_explained() -> None:
    from miaohui.kit.metrics import REGISTRY

    ours = [family for family in REGISTRY.collect() if not family.name.startswith(("process_", "python_"))]
    assert len(ours) > 5
    assert [family.name for family in ours if not family.name.startswith("miaohui_")] == []
    assert [family.name for family in ours if not family.documentation.endswith(".")] == []


def test_every_error_has_a_status_a_code_and_a_first_sentence() -> None:
    from miaohui.kit.errors import MiaohuiError

    kinds = {MiaohuiError}
    while more := {child for kind in kinds for child in kind.__subclasses__()} - kinds:
        kinds |= more
    assert [kind.__name__ for kind in kinds if not 400 <= kind.status <= 599] == []
    assert [kind.__name__ for kind in kinds if not re.fullmatch(r"[a-z][a-z_]*", kind.code)] == []
    assert [kind.__name__ for kind in kinds if not kind.__doc__] == []


def test_every_crash_point_says_what_has_just_happened_there() -> None:
    from miaohui.kit.crash import POINTS

    assert POINTS
    assert [name for name, meaning in POINTS.items() if len(meaning.split()) < 3] == []
    assert [name for name in POINTS if not re.fullmatch(r"[a-z]+\.[a-z_]+", name)] == []


def test_every_link_in_the_documentation_leads_somewhere() -> None:
    done = subprocess.run([sys.executable, "scripts/links.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("kind", ["tutorials", "how-to", "reference", "explanation", "decisions"])
def test_every_page_of_a_kind_is_linked_from_somewhere(kind: str) -> None:
    pages = {path.name for path in (ROOT / "docs" / kind).glob("*.md")} - {"README.md"}
    texts = [path.read_text(encoding="utf-8") for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))]
    assert pages
    assert [page for page in sorted(pages) if not any(page + ")" in text for text in texts)] == []


def test_the_version_in_the_changelog_is_the_version_of_the_code() -> None:
    import miaohui

    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert newest is not None
    assert newest[1] == miaohui.__version__
