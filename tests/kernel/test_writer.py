"""The writer thread: one at a time, in order, with the answer in a future, and nobody waits for ever."""

import threading
from contextlib import closing

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import StaticPool

from app.kernel.problems import Trouble
from app.kernel.store import Store
from app.kernel.writer import Writer, wait


@pytest.fixture
def engine():
    made = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    yield made
    made.dispose()


@pytest.fixture
def writer(engine):
    with closing(Writer(engine)) as made:
        yield made


@pytest.fixture
def gate(writer):
    """Keeps the writer busy until it is opened."""
    opened, begun = threading.Event(), threading.Event()

    def hold():
        begun.set()
        return opened.wait(30)

    writer.submit(hold)
    assert begun.wait(30)
    yield opened
    opened.set()


def _fail():
    raise KeyError("a bug")


def test_calls_run_in_order_on_one_thread_of_their_own(writer):
    ran = []
    for number in range(200):
        writer.submit(lambda number=number: ran.append((number, threading.get_ident())))
    writer.run(int)
    assert [number for number, _thread in ran] == list(range(200))
    threads = {thread for _number, thread in ran}
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_the_answer_and_the_failure_are_in_the_future(writer):
    assert writer.submit(divmod, 7, 2).result(30) == (3, 1)
    with pytest.raises(KeyError, match="a bug"):
        writer.submit(_fail).result(30)
    assert writer.run(int, "12") == 12


def test_a_failure_does_not_stop_what_comes_after_it(writer):
    failed = writer.submit(_fail)
    assert writer.run(len, "abc") == 3
    assert isinstance(failed.exception(), KeyError)


def test_a_call_from_the_writer_itself_runs_at_once(writer):
    def outer():
        inner = writer.submit(threading.get_ident)
        assert inner.done()
        return inner.result(), threading.get_ident()

    assert len(set(writer.run(outer))) == 1
    assert isinstance(writer.run(lambda: writer.submit(_fail).exception()), KeyError)


def test_what_has_not_begun_in_time_is_given_up_and_saves_nothing(writer, gate):
    ran = []
    late = writer.submit(ran.append, "late")
    with pytest.raises(Trouble, match="nothing of this was saved") as trouble:
        wait(late, 0.01)
    assert trouble.value.problem.code == "writer.busy"
    gate.set()
    writer.run(int)
    assert ran == []


def test_what_has_begun_goes_on_though_nobody_waits_any_more(writer):
    opened, begun, ran = threading.Event(), threading.Event(), []

    def slow():
        begun.set()
        opened.wait(30)
        ran.append("saved")

    running = writer.submit(slow)
    begun.wait(30)
    with pytest.raises(Trouble, match="goes on") as trouble:
        wait(running, 0.01)
    assert trouble.value.problem.code == "writer.slow"
    opened.set()
    running.result(30)
    assert ran == ["saved"]


def test_a_call_s_own_timeout_is_its_failure_not_ours(writer):
    def gives_up():
        raise TimeoutError("the printer")

    with pytest.raises(TimeoutError, match="the printer"):
        writer.run(gives_up)


def test_closing_finishes_what_is_queued_and_ends_the_thread(engine):
    writer, ran = Writer(engine), []
    for number in range(50):
        writer.submit(ran.append, number)
    writer.close()
    assert ran == list(range(50))
    assert not [thread for thread in threading.enumerate() if thread.ident == writer._thread]
    with pytest.raises(Trouble, match="closing: nothing of this was saved"):
        writer.submit(int)


def test_closing_does_not_wait_for_ever(writer, gate):
    with pytest.raises(Trouble, match="goes on"):
        writer.close(0.01)
    gate.set()


def test_closing_twice_is_closing_once(engine):
    writer = Writer(engine)
    writer.close()
    writer.close()


def test_the_writer_cannot_be_closed_from_inside(writer):
    with pytest.raises(RuntimeError, match="wait for itself"):
        writer.run(writer.close)


def test_its_sessions_write_to_the_store(tmp_path):
    with closing(Store.create(tmp_path / "workshop.fettle", bytes(32))) as store, closing(Writer(store.writer)) as writer:

        def book():
            with writer.sessions.begin() as session:
                session.execute(text("CREATE TABLE part (code TEXT)"))
                session.execute(text("INSERT INTO part VALUES ('BOLT')"))

        writer.run(book)
        with store.reader.connect() as connection:
            assert connection.scalar(text("SELECT code FROM part")) == "BOLT"
