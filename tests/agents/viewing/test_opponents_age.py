"""The agent of a run as an opponent: it goes on at another age, also in the middle of a game."""

import numpy as np
import pytest

import agents.player
from agents.viewing.decision import Decision
from agents.viewing.episode import Episode
from agents.viewing.play_session import Game
from agents.viewing.versus import open_versus
from envs.engine.canvas.window import Press, Window
from sandbox.errors import UserError
from sandbox.runs import Run


class Aged:
    """Plays into the column of its age in thousands of steps."""

    target = "connect_four"
    remembers = False

    def __init__(self, step: int):
        self.step = step

    @staticmethod
    def load(run: Run, step: int | None = None) -> "Aged":
        return Aged(run.checkpoints()[-1] if step is None else step)

    def act(self, obs: np.ndarray, mask: np.ndarray | None = None) -> Decision:
        return Decision(self.step // 1000)


@pytest.fixture
def run(monkeypatch) -> Run:
    import torch

    monkeypatch.setattr(agents.player, "Player", Aged)
    made = Run.create("connect_four", {"kind": "agent"}, state="done")
    for step in (0, 3000, 6000):
        made.save_checkpoint(step, {"weight": torch.zeros(1)}, {"step": step})
    return made


def test_its_age_turns_by_key_in_the_middle_of_a_game(run):
    world = open_versus("connect_four", f"{run.name}@2500")
    game = Game(Episode(world, seed=0, control="human", ops=False))
    with Window("test", world.size, headless=(600, 500)) as window:

        def heights_after(key: str) -> list[int]:
            game.handle(Press(key, False), window)
            game.advance(0.1, set())
            state = world.state
            assert state is not None
            return state["heights"].tolist()

        assert heights_after("2") == [0, 1, 0, 1, 0, 0, 0]
        assert heights_after("]") == [0, 1, 0, 1, 0, 0, 0], "no move of its own"
        assert heights_after("2") == [0, 2, 0, 1, 0, 0, 1]
        assert [heights_after(key) for key in "[[[2"][-1] == [1, 3, 0, 1, 0, 0, 1]
        game.draw(window.frame())


def test_an_agent_of_something_else_is_refused(run, monkeypatch):
    monkeypatch.setattr(Aged, "target", "cartpole")
    with pytest.raises(UserError, match="plays cartpole, not connect_four"):
        open_versus("connect_four", run.name)
