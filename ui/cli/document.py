"""`fettle document`: a paper of a job, a quote or a payment as PDF, kept with its record, offline as everything."""

from __future__ import annotations

import argparse
from typing import Any

from ui.cli import out
from ui.cli.out import DONE


def add(verbs: Any) -> None:
    parser = verbs.add_parser(
        "document", help="make a paper as PDF: a work order, job card, pick list, delivery note, quote or receipt"
    )
    parser.add_argument("kind", metavar="KIND", help="work_order, job_card, pick_list, delivery_note, quote or receipt")
    parser.add_argument(
        "code", metavar="CODE", help="the number of the job, the quote or the payment, or what a scan of it would say"
    )
    parser.add_argument("--to", required=True, metavar="TARGET", help="out.pdf, tcp://host:9100 or printer://NAME")
    parser.add_argument("--dry-run", action="store_true", help="do not keep it with its record")


def run(args: argparse.Namespace) -> int:
    """One answer: where it went, its hash, and the command that kept it."""
    from app.papers.keeping import entity_of, keep, paper_of
    from printing.delivery import deliver
    from printing.papers import document
    from ui.cli.attach import meant
    from ui.cli.opening import opened

    with opened(args) as here:
        match = meant(here, entity_of(args.kind), args.code)
        if args.dry_run:
            deliver(document(paper_of(here.app, here.actor, args.kind, match.id)), args.to)
            out.line({"kind": args.kind, "of": match.title, "to": args.to})
            return DONE
        kept = keep(here.app, here.actor, args.kind, match.id, document)
        deliver(kept.content, args.to)
        out.line({"kind": args.kind, "of": match.title, "to": args.to, "sha256": kept.sha256, "bytes": len(kept.content)})
    return DONE
