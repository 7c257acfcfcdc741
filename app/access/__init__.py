"""Access: the people who work here, what they may do and where, and how a terminal knows them.

A badge or a PIN says who someone is; roles, held by appointment, say what they may do.
"""

from app.access.actors import actors_of
from app.access.badges import is_badge
from app.access.commands import (
    ChangePin,
    GiveBadge,
    ReplaceBadge,
    RevokeBadge,
    SetPin,
    SignIn,
    SignOut,
    begin_presence,
    change_pin,
    end_presence,
    give_badge,
    replace_badge,
    revoke_badge,
    set_pin,
)
from app.access.model import AccessTry, Appointment, Badge, Person, Presence, Role, TokenFamily
from app.access.newly import GrantNew, grant_new
from app.access.queries import QUERIES
from app.access.reactions import keep_an_administrator, keep_places, keep_ranks
from app.access.rules import (
    badge_is_free,
    grants_are_words,
    hash_is_shaped,
    person_has_a_name,
    pin_is_set_apart,
    username_is_shaped,
)
from app.kernel.cards import Master
from app.kernel.registry import Capability
from app.kernel.standard import Saved

capability = Capability(
    name="access",
    entities=(Person, Role, Appointment, Badge, Presence),
    local=(AccessTry, TokenFamily),
    anywhere=(Person, Appointment, Badge, Presence),  # ranks are held against each of them
    handlers={
        GiveBadge: give_badge,
        ReplaceBadge: replace_badge,
        RevokeBadge: revoke_badge,
        SetPin: set_pin,
        ChangePin: change_pin,
        SignIn: begin_presence,
        SignOut: end_presence,
        GrantNew: grant_new,
    },
    queries=QUERIES,
    reactions={Saved: (keep_ranks, keep_places, keep_an_administrator)},
    rules={
        Person: (username_is_shaped, person_has_a_name, pin_is_set_apart),
        Role: (grants_are_words,),
        Badge: (hash_is_shaped, badge_is_free),
    },
    masters={entity: Master("hub") for entity in (Person, Role, Appointment, Badge)},
    actors=actors_of,
    is_badge=is_badge,
)
