"""`groundkb users` and `groundkb keys`."""

from pathlib import Path

from tests.cli.conftest import RunCli


def test_people_come_with_groups_and_keys_and_go(run_cli: RunCli) -> None:
    assert run_cli("kb", "create", "hr").code == 0
    made = run_cli("users", "add", "Bo", "--role", "editor", "--group", "board", "--group", "财务")
    assert made.json["groups"] == ["board", "财务"]
    assert run_cli("users", "add", "Bo").code == 2
    changed = run_cli("users", "set", "Bo", "--kb-role", "hr=admin", "--disable")
    assert (changed.json["role"], changed.json["roles"]) == ("editor", {"hr": "admin"})
    assert changed.json["groups"] == ["board", "财务"]
    assert run_cli("users", "list").out.split("  ") == [
        "Bo", "editor", "hr: admin", "board, 财务", "(disabled)\n",
    ]  # fmt: skip
    assert run_cli("users", "set", "Bo", "--no-groups", "--kb-role", "hr=").json["roles"] == {}
    assert run_cli("users", "set", "Bo", "--kb-role", "none=admin").code == 1
    assert run_cli("users", "set", "Bo", "--role", "king").code == 2

    key = run_cli(
        "keys", "add", "Bo", "--name", "laptop", "--scope", "ask", "--kb", "hr", "--days", "3"
    )
    assert key.out.startswith("gkb_")
    assert len(key.out.split()) == 1
    [listed] = run_cli("keys", "list", "Bo").out.splitlines()
    identifier, *rest = listed.split("  ")
    assert rest[:3] == ["laptop", "ask", "hr"]
    assert rest[3].startswith("until ")
    assert identifier in key.err
    assert key.out.strip() not in listed
    assert "revoked" in run_cli("keys", "revoke", identifier).out
    assert run_cli("keys", "revoke", "unknown").code == 2
    assert run_cli("keys", "add", "Bo", "--name", "x", "--scope", "all").code == 2
    invited = run_cli("users", "invite", "Bo", "--url", "https://kb.example/x/")
    assert invited.out.startswith("https://kb.example/x/sign-in#link=")
    assert run_cli("users", "invite", "nobody").code == 2
    assert run_cli("users", "remove", "Bo").code == 0
    assert run_cli("users", "list").out == ""


def test_what_is_limited_is_said_and_unsaid(run_cli: RunCli, tmp_path: Path) -> None:
    assert run_cli("kb", "create", "hr").code == 0
    limited = run_cli("rights", "kb", "--kb", "hr", "--group", "hr", "--group", "财务")
    assert limited.json["groups"] == ["hr", "财务"]
    assert run_cli("rights", "list", "--kb", "hr").json["groups"] == ["hr", "财务"]
    assert run_cli("rights", "kb", "--kb", "hr", "--everyone").json["groups"] == []
    for wrong in ((), ("--everyone", "--group", "hr")):
        assert run_cli("rights", "kb", "--kb", "hr", *wrong).code == 2
    assert run_cli("rights", "list", "--kb", "none").code == 1
