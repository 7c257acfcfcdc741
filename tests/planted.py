"""The bugs that sync engines are known for, each as it would stand in this program, with the tests that must turn red for it."""

from __future__ import annotations

from dataclasses import dataclass

Edit = tuple[str, str, str]  # the file, what stands there once, and what would stand there

PULL, PUSH, REBASE, ROWS = (f"sync/terminal/{name}.py" for name in ("pull", "push", "rebase", "rows"))
EXCHANGE, HTTP, ENGINE, PACE = (f"sync/terminal/{name}.py" for name in ("exchange", "http", "engine", "pace"))
INTAKE, TAKING, VERDICTS, HUB_FEED, PEER = (f"sync/hub/{name}.py" for name in ("intake", "taking", "verdicts", "feed", "peer"))
PAGING, READING, GLANCE = (f"sync/hub/{name}.py" for name in ("paging", "reading", "glance"))
OUTBOX, FEED, STATES = (f"app/kernel/{name}.py" for name in ("outbox", "feed", "states"))

DAYS = "tests/sync/test_replay_laws.py::test_a_random_day_ends_with_everyone_equal[0]"
LIVES = "tests/sync/world/test_world.py::test_a_life_full_of_faults_loses_nothing[0]"
LAWS, EXCHANGES, IN_STEP = (f"tests/sync/test_{name}.py" for name in ("laws", "exchange", "in_step"))
ENGINES, LINES, COPIES = (f"tests/sync/test_{name}.py" for name in ("engine", "http", "copied_stores"))
CARDS = "tests/sync/test_cards_of_two_terminals.py"
RESTORED, PARKED, SNAPSHOTS = (f"tests/sync/test_{name}.py" for name in ("restored_hubs", "parked", "snapshot"))


@dataclass(frozen=True)
class Bug:
    """One bug: its name, what would be wrong, how to plant it, and the tests (paths or node ids) of which one must turn red."""

    name: str
    what: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]


DROPPED = """        with self.app.writer.sessions() as session:
                session.connection().exec_driver_sql("UPDATE envelope SET state = 'refused' WHERE state = 'waiting'")
                session.commit()
    """

PLANTED = (
    # ---------------------------------------------------------------------------------------------------- cursor and feed
    Bug(
        "cursor-before-rows",
        "the cursor is moved with the first rows of a page, the others follow",
        ((PULL, "yield Part(page.lines[start : start + rows])", "yield Part(page.lines[start : start + rows], page.upto)"),),
        (f"{LAWS}::test_a_large_page_that_breaks_off_comes_again",),
    ),
    Bug(
        "one-too-far",
        "the rows right behind the cursor are never given",
        (
            (
                PAGING,
                "there = [_section(session, entity, reach, cursor, upto)",
                "there = [_section(session, entity, reach, cursor + 1, upto)",
            ),
        ),
        ("tests/sync/test_feed.py", DAYS),
    ),
    Bug(
        "last-left-out",
        "the cursor goes on behind a page's last number, whose rows are not in it",
        (
            (
                PAGING,
                "there = [_section(session, entity, reach, cursor, upto)",
                "there = [_section(session, entity, reach, cursor, upto - 1)",
            ),
        ),
        ("tests/sync/test_feed.py", DAYS),
    ),
    Bug(
        "half-a-page",
        "a page ends with its first entity, and the cursor behind all of them",
        ((PAGING, "for name in sorted(entities) if name not in", "for name in sorted(entities)[:1] if name not in"),),
        ("tests/sync/test_feed.py", DAYS),
    ),
    Bug(
        "plain-sequence",
        "feed numbers come from a plain sequence when rows are written: who commits late is skipped",
        (
            (FEED, "AFTER INSERT ON feed_turn DEFERRABLE INITIALLY DEFERRED", "AFTER INSERT ON feed_turn"),
            (
                FEED,
                "  UPDATE feed_head SET last = last + 1 RETURNING last INTO n;\n  WITH moved AS (",
                "  n := nextval(pg_get_serial_sequence('envelope', 'seq'));\n  WITH moved AS (",
            ),
        ),
        ("tests/kernel/test_feed.py::test_who_begins_first_and_ends_last_gets_the_later_number",),
    ),
    Bug(
        "only-what-is-settled",
        "rows that an open transaction precedes are kept back, and the cursor goes on all the same",
        (
            (
                READING,
                'AND seq <= {place}{near}"',
                'AND seq <= {place} AND xmin::text::bigint < pg_snapshot_xmin(pg_current_snapshot())::text::bigint{near}"',
            ),
        ),
        ("tests/sync/test_hub_steady.py",),
    ),
    Bug(
        "tombstones-skipped",
        "rows that leave a terminal's places, or are erased, are not told",
        ((PAGING, "if seen is None or seen.left else ()", "if False else ()"),),
        (
            f"{LAWS}::test_a_row_that_leaves_the_scope_leaves_the_terminal_and_comes_back_with_it",
            f"{IN_STEP}::test_an_erased_row_goes_everywhere",
        ),
    ),
    Bug(
        "no-floor",
        "who was away longer than the feed remembers goes on as if nothing had been forgotten",
        ((PEER, "0 < pull.cursor < head.floor", "False"),),
        (f"{IN_STEP}::test_who_was_away_longer_than_the_feed_remembers_is_compared_and_not_begun_anew",),
    ),
    Bug(
        "other-organisations",
        "rows of another organisation travel",
        (
            (READING, 'yield f"org_id = {place}"\n    given.append(reach.org_id)', 'yield "1 = 1"'),
            (PAGING, "FeedRow.org_id == reach.org_id, ", ""),
        ),
        (f"{LAWS}::test_rows_of_another_organisation_do_not_even_travel",),
    ),
    Bug(
        "other-places",
        "rows of places that are not a terminal's travel",
        (
            (READING, 'among = f" OR {scope.value} IN (', 'among = f" OR 1 = 1 OR {scope.value} IN ('),
            (READING, "AND (place IS NULL OR place IN (", "AND (1 = 1 OR place IS NULL OR place IN ("),
        ),
        (f"{LAWS}::test_rows_of_places_that_are_not_a_terminals_do_not_even_travel",),
    ),
    Bug(
        "other-places-in-a-snapshot",
        "rows of places that are not a terminal's are in its ready store",
        ((READING, 'among = f" OR {scope.value} IN (', 'among = f" OR 1 = 1 OR {scope.value} IN ('),),
        (f"{SNAPSHOTS}::test_of_two_sites_each_terminal_gets_its_own",),
    ),
    Bug(
        "reading-between-commits",
        "rows, head and digest are read from several states of the database",
        ((GLANCE, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "BEGIN READ ONLY"),),
        ("tests/sync/test_two_hub_processes.py", "tests/sync/test_hub_steady.py"),
    ),
    # ------------------------------------------------------------------------------------------------------------- pushing
    Bug(
        "number-apart",
        "effects are committed first, the number and the receipt in another transaction",
        (
            (
                INTAKE,
                "            taking.finish()\n            session.commit()\n",
                "            session.commit()\n            taking.finish()\n            session.commit()\n",
            ),
        ),
        (LIVES,),
    ),
    Bug(
        "taken-again",
        "an envelope that comes a second time is taken a second time",
        (
            (TAKING, "if came.number > number]", "if True]"),
            (
                TAKING,
                "    if fresh and (fresh[0].number, fresh[0].before) != (number + 1, chain):\n        raise Elsewhere\n",
                "",
            ),
        ),
        (f"{EXCHANGES}::test_an_answer_that_was_lost_is_given_again", DAYS),
    ),
    Bug(
        "ids-not-unique",
        "the hub does not look whether a command came before under another number",
        ((TAKING, "before = self._known.get(envelope.id)", "before = None"),),
        (f"{EXCHANGES}::test_what_a_copy_brings_under_a_new_name_is_not_done_twice", COPIES),
    ),
    Bug(
        "known-id-is-done",
        "something else under a known id is answered as done",
        ((TAKING, "same = alike(opened(before.content), envelope)", "same = True"),),
        (f"{EXCHANGES}::test_something_else_under_a_known_id_is_parked_and_never_answered_as_done",),
    ),
    Bug(
        "acknowledged-by-count",
        "verdicts are given to the oldest that wait, however they are numbered",
        (
            (
                PUSH,
                "    by_number = {verdict.number: verdict for verdict in verdicts}\n",
                "    oldest = outbox.waiting(session, len(verdicts))\n"
                "    by_number = {row.number: verdict for row, verdict in zip(oldest, verdicts, strict=False)}\n",
            ),
        ),
        (EXCHANGES, PARKED, DAYS),
    ),
    Bug(
        "verdict-once",
        "what became of an envelope is told only in the answer to its first push",
        (
            (
                PEER,
                "        taken = self._intake.take(push, reach) if",
                "        with Session(self._steady, info={'orgs': {reach.org_id}}) as session:\n"
                "            heard = outbox.last_of(session, UUID(push.terminal_id))[0] >= push.first_number\n"
                "        taken = self._intake.take(push, reach) if",
            ),
            (
                PEER,
                "told = verdicts(session, push, taken or {}, seen.kept) if fits == OK else []",
                "told = verdicts(session, push, taken or {}, seen.kept) if fits == OK and not (push.envelopes and heard) else []",
            ),
        ),
        (f"{EXCHANGES}::test_an_answer_that_was_lost_is_given_again",),
    ),
    Bug(
        "cleared-before-the-answer",
        "what was sent counts as done before the hub has answered",
        (
            (
                EXCHANGE,
                "    return after, sent, peer.exchange(sent, wanted)",
                "    def clear() -> None:\n"
                "        with app.writer.sessions() as session:\n"
                "            session.connection().exec_driver_sql(\"UPDATE envelope SET state = 'confirmed'\")\n"
                "            session.commit()\n\n"
                "    app.writer.run(clear)\n"
                "    return after, sent, peer.exchange(sent, wanted)",
            ),
        ),
        (EXCHANGES,),
    ),
    Bug(
        "poison-stops-all",
        "a command that the hub cannot run stops all behind it",
        (
            (
                TAKING,
                'is parked.", envelope.id, self.terminal)\n            return False',
                'is parked.", envelope.id, self.terminal)\n            raise',
            ),
        ),
        (PARKED, f"{EXCHANGES}::test_a_bug_at_the_hub_parks_one_command_and_stops_nobody"),
    ),
    Bug(
        "dependents-run-ahead",
        "what stands on a parked command is run without it",
        ((TAKING, "found = _waits() if came.hold else ", "found = "),),
        (PARKED,),
    ),
    Bug(
        "parked-by-a-dead-lock",
        "a command that met a busy database is put aside as broken",
        (("app/kernel/locks.py", "    if isinstance(error, Trouble):\n        return True\n", "    return False\n"),),
        (f"{EXCHANGES}::test_a_busy_database_parks_nothing",),
    ),
    Bug(
        "own-nonce-again",
        "a request that ended unseen on a kept connection is refused as a repetition, and a person must see to it",
        (
            (HTTP, "or code not in DOUBTS", "or code != signing.CLOCK"),
            (HTTP, 'if reply.status in (401, 403) and told.get("code") not in DOUBTS:', "if reply.status in (401, 403):"),
        ),
        ("tests/sync/test_bad_lines.py",),
    ),
    Bug(
        "answers-unchecked",
        "a bit that the line has changed in an answer is believed",
        (("sync/wire.py", "write_checksum=True", "write_checksum=False"),),
        ("tests/sync/test_bad_lines.py",),
    ),
    Bug(
        "forks-unseen",
        "two stores under one name are taken for one",
        (
            (
                PEER,
                "            told = verdicts(session, push, taken or {}, seen.kept) if fits == OK else []",
                "            fits = OK if fits == FORK else fits\n"
                "            told = verdicts(session, push, taken or {}, seen.kept) if fits == OK else []",
            ),
        ),
        (COPIES,),
    ),
    Bug(
        "gaps-unseen",
        "a hub that was put back is not sent again what it lost",
        ((VERDICTS, "    if ahead > last:\n        return GAP\n", "    if ahead > last:\n        return OK\n"),),
        (RESTORED, f"{EXCHANGES}::test_a_hub_restored_from_a_backup_gets_again_what_it_lost"),
    ),
    Bug(
        "other-lives",
        "a terminal's cursor is believed after the hub was put back",
        ((PEER, "return other or pull.cursor > head.last or", "return"),),
        (RESTORED,),
    ),
    # ------------------------------------------------------------------------------------------- laying down, doing again
    Bug(
        "oldest-first",
        "commands are taken back oldest first",
        ((OUTBOX, "for envelope in reversed(taken)", "for envelope in taken"),),
        (LAWS, DAYS),
    ),
    Bug(
        "without-dependents",
        "only the command that meets the page is taken back, not those that stand on it",
        ((REBASE, "taken | outbox.with_dependents(session, seq, most)", "taken | {seq}"),),
        (EXCHANGES, DAYS),
    ),
    Bug(
        "echo-filtered",
        "what was done here stays, although the hub did something else",
        ((PUSH, "same = here[row.id] == verdict.effects and (verdict.feed or 0) > cursor", "same = True"),),
        (f"{EXCHANGES}::test_what_the_hub_decided_otherwise_is_taken_back_in_the_exchange_itself_and_not_by_a_repair",),
    ),
    Bug(
        "facts-dropped",
        "what is taken back is not done again",
        ((PULL, "changed |= rebase.again(session, dispatcher, row)", "pass"),),
        (EXCHANGES, DAYS),
    ),
    Bug(
        "facts-refused-again",
        "a fact is checked like a first run when it is done again",
        (
            (
                "app/kernel/work.py",
                "return self.is_fact and self.mode is Mode.REPLAY",
                "return self.is_fact and self.mode is Mode.FIRST",
            ),
        ),
        (LAWS, DAYS),
    ),
    Bug(
        "held-over-new",
        "a row that was held back is laid over a newer one",
        (
            (
                PULL,
                "laid = {ident: line for ident, line in held.freed(session, plan.taken).items() if ident not in lines} | laid",
                "laid = laid | held.freed(session, plan.taken)",
            ),
        ),
        (EXCHANGES, DAYS, LIVES),
    ),
    Bug(
        "dead-letter-on-a-full-disk",
        "a command that cannot be done again because the disk is full comes to nothing",
        ((REBASE, "    except (Trouble, OperationalError, InterfaceError):  #", "    except ZeroDivisionError:  #"),),
        ("tests/sync/test_full_disks.py",),
    ),
    Bug(
        "discrepancy-beside-the-capture",
        "a discrepancy is written past what is taken down of a command: nothing takes it back, and nobody is told",
        (
            (
                "app/kernel/dispatch.py",
                "            if session.get(Discrepancy, row.id) is None:  # the hub's word may have come first\n"
                "                session.add(row)\n",
                "            if session.get(Discrepancy, row.id) is None:\n"
                "                told = {one.key: getattr(row, one.key) for one in Discrepancy.__table__.columns}\n"
                "                told |= {'stamp': envelope.stamp, 'retired': False}\n"
                "                session.connection().execute(Discrepancy.__table__.insert(), told)\n",
            ),
        ),
        (LAWS, DAYS),
    ),
    Bug(
        "search-left-behind",
        "search does not hear of the rows that come down",
        (
            (
                ROWS,
                "    _follow_words(session, registry, entity, fresh)\n    _follow_words(session, registry, entity, known",
                "    () and (session, registry, entity, known",
            ),
        ),
        ("tests/sync/test_pages_laid.py", DAYS),
    ),
    Bug(
        "digest-stands-still",
        "the digest does not follow what is laid down",
        ((ROWS, "        digests.turn(session, name,", "        () and digests.turn(session, name,"),),
        (f"{IN_STEP}::test_digests_move_with_every_change_and_all_agree", DAYS),
    ),
    Bug(
        "digest-unlike",
        "the digest of a page's rows is not compared with the hub's",
        ((EXCHANGE, "if unlike else ()", "if False else ()"),),
        (f"{IN_STEP}::test_whatever_differs_is_found_and_only_that_is_mended",),
    ),
    # -------------------------------------------------------------------------------------------------- stock and documents
    Bug(
        "last-writer-wins",
        "a movement sets the balance instead of moving it",
        (("app/stock/balances.py", '"on_hand": state["on_hand"] + line.quantity}', '"on_hand": line.quantity}'),),
        ("tests/stock/test_movements.py", DAYS),
    ),
    Bug(
        "count-is-the-last-word",
        "a count that comes late overrules movements made after it",
        (("app/stock/balances.py", "in_any_order=_any_order", "in_any_order=lambda _state, _line: True"),),
        (DAYS, LAWS),
    ),
    Bug(
        "not-folded-back",
        "a ledger line is taken back, and its balance is not",
        ((OUTBOX, "projection.refold(session, [projection.key_of(gone)])", "pass"),),
        (LAWS, DAYS),
    ),
    Bug(
        "status-overwritten",
        "a late move of a job overwrites where it has come to",
        (
            (
                STATES,
                "        state = self._joined(later[0][0] if later else now, move)\n",
                "        return Met(move.target)\n        state = self._joined(later[0][0] if later else now, move)\n",
            ),
        ),
        ("tests/kernel/test_moves_that_meet.py", DAYS),
    ),
    Bug(
        "later-steps-hidden",
        "once other late work has given a job an earlier stamp, the steps made after it are not met any more",
        (
            (
                "app/kernel/moving.py",
                "trail = traces(work, row, machine.field)",
                "trail = traces(work, row, machine.field) if row.stamp > stamp else []",
            ),
        ),
        (f"{CARDS}::test_whoever_began_work_is_told_too_where_other_late_work_on_the_job_came_in_between",),
    ),
    Bug(
        "locked-out-late",
        "of what was written before a job was locked, only the first that comes in late is written",
        (("app/kernel/work.py", " or self._changed_since(row)", ""),),
        (f"{CARDS}::test_all_that_was_written_before_a_job_was_locked_is_written_however_much_of_it_comes_in_late",),
    ),
    Bug(
        "numbers-of-two",
        "a copied store goes on counting from the numbers leased to both",
        (("sync/terminal/fork.py", "    session.execute(update(LeaseRow).values(last=LeaseRow.next - 1))\n", ""),),
        (f"{COPIES}::test_a_copy_counts_no_longer_from_the_numbers_that_were_leased_to_both",),
    ),
    # --------------------------------------------------------------------------------------------------------- the terminal
    Bug(
        "by-the-clock",
        "commands are sent in the order of the terminal's clock",
        (
            (
                OUTBOX,
                "EnvelopeRow.seq > after).order_by(EnvelopeRow.seq).limit(most)",
                "EnvelopeRow.seq > after).order_by(EnvelopeRow.content.op('->>')('$.occurred_at')).limit(most)",
            ),
        ),
        (f"{LAWS}::test_after_a_clock_was_set_back_work_goes_out_in_the_order_it_was_done",),
    ),
    Bug(
        "clock-not-followed",
        "what is done here after the hub's rows were seen is stamped before them",
        ((PULL, "    dispatcher.clock.receive(max(_stamps(part.lines), default=0))\n", ""),),
        (f"{LAWS}::test_what_is_done_after_the_hubs_rows_were_seen_is_later_than_they_are",),
    ),
    Bug(
        "laid-over-work",
        "rows are laid down over work that waits, as if nothing stood on them",
        (
            (
                PULL,
                "    return _tells(session, _STANDS) and held.in_the_way(session, sections_of(part.lines))\n",
                "    return False\n",
            ),
        ),
        (EXCHANGES, DAYS),
    ),
    Bug(
        "no-jitter",
        "all terminals try again in the same moment",
        ((PACE, "max(self.chance() * longest,", "max(longest,"),),
        (ENGINES,),
    ),
    Bug(
        "only-on-new-work",
        "after a failure it is tried again only when something is done here",
        (
            (
                PACE,
                "self.due = self.now() + max(self.chance() * longest, at_least * (1 + SPREAD * self.chance()))",
                "self.due = math.inf",
            ),
        ),
        (ENGINES,),
    ),
    Bug(
        "backing-off-for-ever",
        "the wait after failures grows without end",
        ((PACE, "min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** min(self.failures, 10))", "FIRST_BACK_OFF * 2**self.failures"),),
        (ENGINES,),
    ),
    Bug(
        "refused-is-dropped",
        "whom the hub does not let in loses what waits",
        (
            (
                ENGINE,
                "        except Refused as refused:\n            self._went_wrong(",
                "        except Refused as refused:\n    " + DROPPED + "        self._went_wrong(",
            ),
        ),
        (ENGINES,),
    ),
    Bug(
        "portals-believed",
        "a page of a hotel's network is taken for an answer",
        (
            (HTTP, "    if reply.kind() != wire.MEDIA_TYPE:\n        raise _stranger()\n", ""),
            (HTTP, "raise _as_trouble(refused) from refused", "raise"),
        ),
        (LINES,),
    ),
    Bug(
        "deadline-for-each-read",
        "a hub that drips holds a request for ever",
        (
            (
                "sync/network.py",
                "self._network.await_any([] if writes else ours, ours if writes else [], self._network.deadline)",
                "self._network.await_any([] if writes else ours, ours if writes else [], time.monotonic() + 30.0)",
            ),
        ),
        (f"{LINES}::test_a_hub_that_drips_is_given_up_at_the_deadline",),
    ),
    Bug(
        "wrong-clock-stops",
        "a terminal whose clock is wrong is never let in again",
        ((HTTP, "        self._off = int(told[:15]) - self._now_ms()\n", ""),),
        (f"{LINES}::test_a_wrong_clock_never_stops_sync",),
    ),
    Bug(
        "outbox-cleared-on-enrolling",
        "what waits is lost when the machine is enrolled",
        (
            (
                "sync/terminal/enrol.py",
                "        meta.keep_station(session, station)\n",
                "        meta.keep_station(session, station)\n"
                "        session.connection().exec_driver_sql('DELETE FROM envelope')\n",
            ),
        ),
        ("tests/sync/test_devices.py",),
    ),
    Bug(
        "outbox-cleared-by-a-snapshot",
        "what waits is lost when the store is replaced by a ready one",
        (("sync/terminal/carrying.py", "        if old:\n            _take(session)\n", ""),),
        (SNAPSHOTS,),
    ),
    Bug(
        "renamed-before-synced",
        "the new store gets its name before its pages are on the disk",
        (
            (
                "sync/terminal/snapshot.py",
                "        os.fsync(file.fileno())\n    staged.replace(work.path)",
                "        pass\n    staged.replace(work.path)",
            ),
        ),
        ("tests/sync/test_snapshot_on_disk.py",),
    ),
    Bug(
        "name-not-kept",
        "the new store's name is not on the disk when the pieces that it was made of are cleared away",
        (("sync/terminal/snapshot.py", "    keep_names(work.path.parent)\n", ""),),
        ("tests/sync/test_snapshot_on_disk.py",),
    ),
    Bug(
        "pieces-believed",
        "what arrives of a snapshot is taken as it comes",
        (
            (
                "sync/terminal/fetching.py",
                "if len(got) == wanted.size and sha256(got).hexdigest() == wanted.sha256:",
                "if len(got) == wanted.size:",
            ),
        ),
        (SNAPSHOTS,),
    ),
    Bug(
        "manifest-unchecked",
        "a snapshot's list of pieces is gone by for ever, although the line has changed it",
        (("sync/terminal/snapshot_line.py", "if told is not None and told != sha256(reply.body).hexdigest():", "if False:"),),
        ("tests/sync/test_snapshot_routes.py",),
    ),
    Bug(
        "forgotten-before-answered",
        "what the hub has not answered is forgotten with the old",
        (("sync/terminal/pruning.py", "    return first - 1 if first is not None else", "    return"),),
        ("tests/sync/test_pruning.py",),
    ),
    Bug(
        "replays-let-in",
        "a request that was recorded on the way is taken a second time",
        (
            (
                "sync/signing.py",
                "    if not seen_nonces.first(public_key, nonce, now_ms):\n        raise Refused(_replayed())\n",
                "",
            ),
        ),
        ("tests/sync/test_signing.py", "tests/sync/test_hub_wire.py"),
    ),
)
