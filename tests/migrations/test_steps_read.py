"""The history of the tables is read without Alembic at a start; both must tell the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from app import migrations


def test_the_files_tell_what_alembic_tells() -> None:
    scripts = ScriptDirectory.from_config(migrations.config())
    assert migrations.revisions() == {script.revision for script in scripts.walk_revisions()}
    assert migrations.head() == scripts.get_current_head()


def test_the_newest_step_is_the_one_that_none_follows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "versions").mkdir()
    steps = {"0001_first": ("0001", None), "0003_third": ("0003", "0002"), "0002_second": ("0002", "0001")}
    for name, (revision, before) in steps.items():
        text = f'"""A step."""\n\nrevision = {revision!r}\ndown_revision = {before!r}\nbranch_labels = None\n'
        (tmp_path / "versions" / f"{name}.py").write_text(text)
    monkeypatch.setattr(migrations, "HERE", tmp_path)
    assert migrations.head() == "0003"
    assert migrations.revisions() == {"0001", "0002", "0003"}
