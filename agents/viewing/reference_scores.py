"""What a person's score is compared with: their own best, the baseline's mean and an agent's mean.

A score is the environment's own `score` where its info has one, else the return. An agent's mean is found
out by `python -m agents.viewing.reference_scores RUN` in another process, so that the game neither waits for
torch nor stutters.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from agents.viewing.episode import Episode
from agents.viewing.moment import Moment
from sandbox.errors import UserError
from sandbox.files import json_bytes, read_object, replace_bytes
from sandbox.runs import Run, runs_dir

EPISODES = 10
"""Over which a mean is taken."""

SEED = 1_000_000
"""Of the first episode, as in an evaluation."""


def score_of(moment: Moment) -> float:
    """The environment's own `score` where its info has one, else the return."""
    score = moment.info.get("score")
    return moment.episode_return if score is None else float(score)


def mean_score(episode: Episode, episodes: int = EPISODES, seconds: float = float("inf")) -> float | None:
    """Mean score of whoever plays the episode, over episodes that nobody trains with.

    Args:
        episode: plays; left at the end of its last episode.
        episodes: how many.
        seconds: stop early after so many seconds; None is returned if not one episode was finished by then.
    """
    scores: list[float] = []
    end = time.monotonic() + seconds
    for seed in range(SEED, SEED + episodes):
        moment = episode.restart(seed)
        while not moment.over:
            moment = episode.step()
            if time.monotonic() > end:
                return sum(scores) / len(scores) if scores else None
        scores.append(score_of(moment))
    return sum(scores) / len(scores)


def _best_file() -> Path:
    return runs_dir() / "best-scores.json"


def read_best(environment_id: str) -> float | None:
    """The best score that somebody reached here in this environment, or None."""
    try:
        best = read_object(_best_file()).get(environment_id)
    except UserError:  # there is none yet, or it cannot be read: a new one will be kept
        return None
    return float(best) if isinstance(best, int | float) else None


def keep_best(environment_id: str, score: float) -> None:
    """Keeps a score if it is the best; silently not where it cannot be written: the game is over anyway."""
    best = read_best(environment_id)
    if best is not None and best >= score:
        return
    try:
        known = read_object(_best_file())
    except UserError:
        known = {}
    try:
        _best_file().parent.mkdir(parents=True, exist_ok=True)
        replace_bytes(_best_file(), json_bytes(known | {environment_id: score}))
    except OSError:
        return


class AgentScore:
    """The mean score of a run's agent, worked out by another process.

    Args:
        run: whose newest checkpoint plays.
    """

    def __init__(self, run: Run):
        command = [sys.executable, "-m", "agents.viewing.reference_scores", str(run.path)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        self._score: float | None = None

    def poll(self) -> float | None:
        """The score, once it is known."""
        if self._process.stdout is not None and self._process.poll() is not None:
            with self._process.stdout as answer:
                if self._process.returncode == 0:
                    self._score = json.loads(answer.read())["score"]
            self._process.stdout = None
        return self._score

    def close(self) -> None:
        """Ends the process if it still works."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
            self._process.stdout = None


def main(run_path: str) -> None:
    """Prints the mean score of a run's agent as a JSON object."""
    from agents.player import Player

    player = Player.load(Run.open(run_path))
    episode = Episode(player.target, player, params=player.params, ops=False)
    print(json.dumps({"score": mean_score(episode, seconds=20.0)}))


if __name__ == "__main__":
    main(sys.argv[1])
