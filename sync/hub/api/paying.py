"""Payment providers over HTTP: what they tell of a payment, in nobody's name: it is believed by the provider's own signature."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import rls
from app.kernel.access import system
from app.kernel.problems import Refused
from app.kernel.settings import read_setting
from app.payments.hearing import HearProvider, unknown
from app.payments.model import Payment
from app.payments.provider import Heard, told_by
from app.payments.rules import ONLINE
from app.places.days import zone_of
from sync.hub import problems
from sync.hub.api.operations import Call, Operation, Parameter, Reply, shape

LARGEST = 16 * 1024  # bytes of a message: a provider tells a few words
FINDINGS = {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}}
PROVIDER = Parameter("provider", "The provider's word, as in the setting `payments.provider`.", place="path", required=True)
SANDBOX = shape(
    payment={"type": "string", "examples": ["PAY-40516273849a"]},
    reference={"type": "string", "examples": ["TX-1"]},
    amount={"type": "integer", "description": "in minor units", "examples": [11900]},
    status={"enum": ["paid", "failed"]},
)


def hear(call: Call) -> Reply:
    """Hears a provider out. Nothing is looked up before the signature is found to be the provider's."""
    now, name = call.api.hub.app.clock.now(), call.path["provider"]
    provider = told_by(name)
    signature = call.headers.get(provider.header, "")
    found = _asked(call, name, provider.hear(call.text, signature, now))
    command = HearProvider(provider=name, body=call.text, signature=signature)
    with call.api.hub.session(found.org_id) as session:
        zone = zone_of(session, found.org_id, {found.site_id}, set())
    answer = call.api.hub.app.run(command, system(found.org_id), zone=zone)
    if not answer.done:
        return Reply({}, problems.status_of(answer.problems[0]), problems=answer.problems)
    return Reply({"status": answer.status, "problems": [one.as_json() for one in answer.problems]})


def _asked(call: Call, name: str, heard: Heard) -> Payment:
    """The payment of this number, in whichever organisation asked this provider for it; Refused where that is not one."""
    registry = call.api.registry
    with Session(call.api.hub.engine) as session:
        rls.serve_all(session)
        there = session.scalars(select(Payment).where(Payment.number == heard.number, Payment.channel == ONLINE)).all()
        meant = [one for one in there if read_setting(session, registry, one.org_id, "payments.provider") == name]
        if len(meant) != 1:
            raise Refused(unknown(heard))
        session.expunge_all()
        return meant[0]


OPERATIONS = (
    Operation(
        "POST",
        "/payments/{provider}/callback",
        "hear_provider",
        "What a payment provider tells of a payment. It needs no login: the body is signed as the provider signs, in the header "
        "that its adapter names (the sandbox's is Fettle-Signature). Told twice, it is processed already, and nothing is booked "
        "a second time.",
        "payments",
        hear,
        public=True,
        raw=True,
        largest=LARGEST,
        takes=(PROVIDER, Parameter("Fettle-Signature", "The signature, where the provider is the sandbox.", place="header")),
        body={**SANDBOX, "description": "As the provider sends it; so does the sandbox."},
        gives=shape(status={"enum": ["done"]}, problems=FINDINGS),
    ),
)
