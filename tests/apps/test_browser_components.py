"""Every component of the second kind has the guard around its script."""

import re
from pathlib import Path

import pytest

from apps.studio.browser import component

APPS = Path(component.__file__).parents[1]


def test_only_one_module_makes_components():
    importers = [
        path.relative_to(APPS).as_posix()
        for path in APPS.rglob("*.py")
        if re.search(r"streamlit\.components|components\.v2", path.read_text(encoding="utf-8"))
    ]
    assert importers == ["browser/component.py"]


def test_the_guard_calls_the_script(tmp_path):
    (tmp_path / "a.js").write_text("const A = 1;\n")
    (tmp_path / "b.js").write_text("export default function (component) {\n  return A;\n}\n")
    whole = component.script(tmp_path, ["a.js", "b.js"])
    assert whole.count("export default") == 1
    assert "function drawComponent(component) {" in whole
    assert "export default function guarded(" in whole


def test_a_script_that_builds_something_once_is_updated_and_stopped(tmp_path):
    (tmp_path / "a.js").write_text("export default function build(root) {\n  return {};\n}\n")
    whole = component.script(tmp_path, ["a.js"])
    assert whole.count("export default") == 1
    assert "function build(root) {" in whole
    assert "drawComponent = (component) => drawBuilt(component, build)" in whole


def test_a_script_without_an_entry_is_refused(tmp_path):
    (tmp_path / "a.js").write_text("const A = 1;\n")
    with pytest.raises(ValueError, match=r"a\.js"):
        component.script(tmp_path, ["a.js"])
