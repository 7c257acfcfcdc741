"""`fettle document`: a paper of a job as PDF, kept with it."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any


def test_a_job_card_is_written_and_kept_with_its_job_under_its_hash(fettle: Callable[..., Any], tmp_path: Path) -> None:
    target = tmp_path / "card.pdf"
    number = fettle("ask", "work_orders").line["number"]
    said = fettle("document", "job_card", number, "--to", str(target))
    content = target.read_bytes()
    assert (said.code, said.line["of"], content[:5]) == (0, number, b"%PDF-")
    kept = fettle("ask", "attachment").line
    assert (kept["sha256"], kept["name"]) == (sha256(content).hexdigest(), f"Job card {number}.pdf")


def test_a_look_beforehand_keeps_nothing(fettle: Callable[..., Any], tmp_path: Path) -> None:
    number = fettle("ask", "work_orders").line["number"]
    assert fettle("document", "pick_list", number, "--to", str(tmp_path / "a.pdf"), "--dry-run").code == 0
    assert (tmp_path / "a.pdf").exists()
    assert fettle("ask", "attachment").lines == []


def test_a_paper_that_there_is_not_and_a_job_that_there_is_not_say_so(fettle: Callable[..., Any], tmp_path: Path) -> None:
    number = fettle("ask", "work_orders").line["number"]
    said = fettle("document", "invoice", number, "--to", str(tmp_path / "a.pdf"))
    assert (said.code, "job_card" in said.words) == (1, True)
    assert fettle("document", "job_card", "NO-SUCH", "--to", str(tmp_path / "a.pdf")).code == 1
    assert not (tmp_path / "a.pdf").exists()
