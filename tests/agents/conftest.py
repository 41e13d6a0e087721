"""What tests of agents share: a training that was stopped and resumed must end as if it had not been."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch

import agents.train
from agents.settings import AgentSettings
from agents.train import train
from sandbox.runs import Run


@pytest.fixture
def resumes_exactly(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Trains one run whole, another with a stop, asserts that both end alike; returns the first."""
    monkeypatch.setattr(agents.train, "YIELD_EVERY", 0.0)

    def trained(target: str, settings: AgentSettings, config: Mapping[str, Any], stop_at: int) -> Run:
        whole, run = (Run.create(target, {"threads": 1, "device": "cpu", **config}) for _ in range(2))
        for _ in train(target, settings, whole):
            pass
        events = train(target, settings, run)
        for progress in events:
            if progress.step >= stop_at:
                events.close()
                break
        stopped = run.resumable_step()
        for _ in train(target, settings, run, resume=True):
            pass
        (step, mine, meta), (end, wanted, other) = run.load_resume(), whole.load_resume()
        assert 0 < (stopped or 0) < step == end and mine.keys() == wanted.keys()
        # Python's own generator is used by the type checks of tests, and by nothing in a training.
        different = {name for name in wanted if not torch.equal(mine[name], wanted[name])}
        assert different <= {"random/python"} and meta["model"] == other["model"]
        return whole

    return trained
