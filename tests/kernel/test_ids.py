"""Ids: new ones rise with time, derived ones are the same everywhere, and both fit on a label."""

from threading import Thread
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.kernel import ids
from app.kernel.ids import CROCKFORD, derived_id, new_id, short, unshort

uuids = st.uuids()
words = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)


def _ms(ident):
    return ident.int >> 80


def test_a_new_id_is_a_version_7_uuid_of_its_moment():
    ident = new_id(1_774_746_000_123)
    assert (ident.version, ident.variant) == (7, "specified in RFC 4122")
    assert _ms(ident) == 1_774_746_000_123


def test_new_ids_never_go_back_in_time_when_the_clock_does(monkeypatch):
    monkeypatch.setattr(ids, "_last", [0])
    times = iter([5_000_000_000, 4_000_000_000, 6_000_000_000])
    monkeypatch.setattr(ids.time, "time_ns", lambda: next(times))
    assert [_ms(new_id()) for _ in range(3)] == [5_000, 5_000, 6_000]


def test_an_id_of_an_old_moment_does_not_disturb_the_new_ones():
    before = _ms(new_id())
    assert _ms(new_id(1)) == 1
    assert _ms(new_id()) >= before


def test_threads_never_draw_the_same_id():
    drawn = []
    threads = [Thread(target=lambda: drawn.extend(new_id() for _ in range(500))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(drawn)) == 2_000


def test_what_a_command_makes_has_the_same_id_wherever_it_runs():
    command = UUID("019e0000-0000-7000-8000-000000000001")
    assert derived_id(command, "stock_line", "1") == UUID("019e0000-0000-7f85-8448-67b7d9d48624")


@given(uuids, words, words)
def test_a_derived_id_is_a_version_7_uuid_of_its_command_s_moment(command, table, slot):
    ident = derived_id(command, table, slot)
    assert ident == derived_id(command, table, slot)
    assert ident.version == 7
    assert _ms(ident) == _ms(command)


@given(uuids, words, words, words, words)
def test_another_table_or_slot_gets_another_id(command, table, slot, other_table, other_slot):
    same = derived_id(command, table, slot) == derived_id(command, other_table, other_slot)
    assert same == ((table, slot) == (other_table, other_slot))


@given(uuids)
@example(UUID(int=0))
@example(UUID(int=(1 << 128) - 1))
def test_the_short_form_is_read_back(ident):
    written = short(ident)
    assert len(written) == 26
    assert set(written) <= set(CROCKFORD)
    assert unshort(written) == unshort(written.lower()) == ident


@given(uuids, uuids)
def test_short_forms_sort_like_their_ids(one, other):
    assert (short(one) < short(other)) == (one < other)


def test_letters_that_look_like_digits_are_read_as_digits():
    assert unshort("O" * 13 + "0" * 13) == UUID(int=0)
    assert unshort("0" * 24 + "Il") == unshort("0" * 24 + "11")


@pytest.mark.parametrize("text", ["", "0" * 25, "0" * 27, "0" * 25 + "U", "0" * 25 + "-", "Z" * 26, "\uff18" + "0" * 25])
def test_what_is_no_short_form_is_refused(text):
    with pytest.raises(ValueError, match="id"):
        unshort(text)
