"""`sandbox check`: a line for each check, and an exit status that a script can use."""

import json

from sandbox import cli


def test_our_own_environment_passes(capsys):
    assert cli.main(["check", "cartpole"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "ok      Gymnasium's check_env" in lines
    assert "ok      Stable-Baselines3's check_env" in lines
    assert "ok      vector: alone equals batch" in lines
    assert lines[-1].startswith("cartpole: all ")


def test_a_foreign_one_that_breaks_a_rule_fails(capsys):
    # Gymnasium's own vectorised CartPole seeds all environments with one generator.
    assert cli.main(["check", "CartPole-v1", "--json"]) == 1
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["ok"] is False
    failed = [result["name"] for result in record["results"] if not result["passed"]]
    assert failed == ["vector: alone equals batch"]
    assert cli.main(["check", "CartPole-v1"]) == 1
    out = capsys.readouterr().out
    assert "failed  vector: alone equals batch\n        " in out
    assert "CartPole-v1: 1 of " in out


def test_a_file_anywhere(tmp_path, capsys):
    file = tmp_path / "maze.py"
    file.write_text('"""A maze."""\n\nENV = None\n')
    assert cli.main(["check", str(file)]) == 1
    assert "it has no ENV = Environment(...)" in capsys.readouterr().out


def test_unknown_names_the_nearest(capsys):
    assert cli.main(["check", "cartpol"]) == 2
    assert capsys.readouterr().err.startswith("There is no environment 'cartpol'. Did you mean cartpole")
