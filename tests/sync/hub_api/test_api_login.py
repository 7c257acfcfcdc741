"""Coming in from afar: by user name and PIN, with tokens that last a day, and out again at once when something is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from app.access.commands import SetPin
from app.access.pins import pin_verifier
from app.kernel.standard import SaveRecord

PIN = "407192"


def post(served: Any, path: str, **body: str) -> Any:
    return served.client.request("POST", f"/api/v1{path}", json=body)


def test_somebody_comes_in_by_user_name_and_pin(standing: Any) -> None:
    told = standing.login("nora").json()
    assert (told["token_type"], told["expires_in"]) == ("Bearer", 8 * 3600)
    me = standing.as_("nora").done("GET", "/auth/me")
    assert (me["name"], me["organisation"]["name"]) == ("Nora", "Moto Keller")
    assert me["grants"] == [{"grant": "*", "place": None}]


@pytest.mark.parametrize(
    ("username", "organisation", "pin"),
    [
        ("nora", "Moto Keller", "407193"),
        ("nora", "Rad und Tat", PIN),
        ("nora", "Nobody & Sons", PIN),
        ("nobody", "Moto Keller", PIN),
        ("", "Moto Keller", PIN),
        ("nora", "Moto Keller", ""),
        ("nora' or '1'='1", "Moto Keller", PIN),
    ],
)
def test_whoever_is_not_let_in_is_told_no_more_than_that(served: Any, username: str, organisation: str, pin: str) -> None:
    told = served.login(username, organisation, pin)
    assert told.status_code == 401
    assert told.json()["code"] == "api.login"
    assert told.json()["title"] == "This user name and PIN let nobody in."


def test_where_there_are_several_organisations_one_is_named(standing: Any) -> None:
    told = standing.login("nora", "")
    assert (told.status_code, told.json()["code"]) == (400, "api.organisation")
    assert standing.login("nora", str(standing.world.org)).status_code == 200


def test_five_mistakes_lock_a_person_also_for_the_right_pin(served: Any) -> None:
    for _mistake in range(5):
        served.login("kim", pin="407193")
    told = served.login("kim")
    assert (told.status_code, told.json()["code"]) == (429, "access.locked")
    assert int(told.headers["Retry-After"]) > 60
    assert served.login("nora").status_code == 200


def test_a_name_that_nobody_has_is_locked_like_one_that_somebody_has(served: Any) -> None:
    told = [[served.login(name, pin="407193").status_code for _mistake in range(6)] for name in ("kim", "nobody")]
    assert told == [[401, 401, 401, 401, 429, 429]] * 2


def test_whoever_has_left_does_not_come_in_and_is_out_at_once(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.hub.main.BELIEVED", 0.0)
    kim = served.as_("kim")
    leaves = SaveRecord(entity="person", id=served.people["kim"].id, fields={"status": ["active", "inactive"]})
    served.world.done(leaves)
    assert kim.get("/auth/me").status_code == 401
    assert served.login("kim").status_code == 401


def test_a_refresh_token_is_good_once_and_its_copy_ends_the_login(served: Any) -> None:
    first = served.login("nora").json()
    second = post(served, "/auth/refresh", refresh_token=first["refresh_token"])
    assert second.status_code == 200
    caller = served.as_("nora")
    caller.token = second.json()["access_token"]
    assert caller.get("/auth/me").status_code == 200
    assert post(served, "/auth/refresh", refresh_token=first["refresh_token"]).json()["code"] == "api.token"
    assert post(served, "/auth/refresh", refresh_token=second.json()["refresh_token"]).status_code == 401
    assert caller.get("/auth/me").status_code == 401


@pytest.mark.parametrize("token", ["", "x", "A" * 88, "é", "AAAA====", "A" * 8000])
def test_what_is_no_refresh_token_lets_nobody_in(standing: Any, token: str) -> None:
    assert post(standing, "/auth/refresh", refresh_token=token).status_code == 401


def test_who_logs_out_is_out_at_once(served: Any) -> None:
    told = served.login("nora").json()
    caller = served.as_("nora")
    caller.token = told["access_token"]
    assert caller("POST", "/auth/logout").status_code == 204
    assert caller.get("/auth/me").status_code == 401
    assert post(served, "/auth/refresh", refresh_token=told["refresh_token"]).status_code == 401


def test_a_login_elsewhere_can_be_ended(served: Any) -> None:
    there, here = served.as_("nora"), served.as_("nora")
    [lost] = [one["id"] for one in here.done("GET", "/auth/logins")["rows"] if not one["this"]]
    assert served.as_("kim")("DELETE", f"/auth/logins/{lost}").status_code == 404
    assert here("DELETE", f"/auth/logins/{lost}").status_code == 204
    assert (there.get("/auth/me").status_code, here.get("/auth/me").status_code) == (401, 200)
    assert here("DELETE", f"/auth/logins/{lost}").json()["code"] == "api.no_login"


def test_a_new_pin_ends_every_login(served: Any) -> None:
    kim = served.as_("kim")
    assert kim("POST", "/auth/pin", {"old": PIN, "new": "123456"}).json()["code"] == "access.pin_weak"
    assert kim("POST", "/auth/pin", {"old": "407193", "new": "582914"}).json()["code"] == "access.pin_wrong"
    assert kim("POST", "/auth/pin", {"old": PIN, "new": "582914"}).status_code == 204
    assert kim.get("/auth/me").status_code == 401
    assert served.login("kim").status_code == 401
    assert served.login("kim", pin="582914").status_code == 200


def test_a_pin_that_a_supervisor_resets_ends_every_login_too(served: Any) -> None:
    kim = served.as_("kim")
    served.world.done(SetPin(person=served.people["kim"].id, verifier=pin_verifier("582914")))
    assert kim.get("/auth/me").status_code == 401


def test_a_password_never_stands_in_an_answer_or_a_log(served: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    told = served.login("nora", pin="canary-407192")
    assert "canary" not in told.text
    assert "canary" not in caplog.text
