"""What a sentence says of a job's state is a word, not the code under which it is kept."""

from __future__ import annotations

from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart
from world import World


def test_a_cancelled_job_says_so_in_words(world: World) -> None:
    world.done(Transition(entity="work_order", id=world.order, move="cancel", reason="Sold"))
    answer = world.run(IssuePart(order=world.order, part=world.part, bin=world.bin, quantity=Quantity(1)))
    assert answer.problems[0].sentence.endswith(" is cancelled: it takes no more parts.")
