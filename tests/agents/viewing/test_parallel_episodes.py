"""Episodes that play along with the one that is watched."""

from pathlib import Path

import numpy as np
import pygame
import pytest

from agents.viewing.episode import Episode
from agents.viewing.parallel_episodes import Crowd
from agents.viewing.watch_session import Watcher
from agents.watch import watch
from envs.engine.canvas.window import Window
from sandbox.errors import UserError


def crowded(count=3, name="cartpole", hold=2):
    leader = Episode(name, seed=0, ops=False)
    return Crowd(leader, count, lambda seed: Episode(name, seed=seed, ops=False), 100, hold)


def test_all_play_the_leaders_player_and_none_the_same_episode():
    crowd = crowded(hold=3)
    crowd.leader.control = "baseline"
    crowd.follow()
    assert [episode.control for episode in crowd.episodes] == ["baseline"] * 3
    assert [episode.seed for episode in crowd.episodes] == [100, 101, 102]
    first = [episode.moment.obs for episode in crowd.episodes]
    assert len(np.unique(first, axis=0)) == 3
    crowd.play()
    assert [episode.moment.step for episode in crowd.episodes] == [1, 1, 1]
    crowd.back()
    assert all((a == e.moment.obs).all() for a, e in zip(first, crowd.episodes, strict=True))


def test_an_ended_episode_is_held_and_the_next_seed_follows():
    crowd = crowded(count=1, hold=2)
    (episode,) = crowd.episodes
    while not episode.moment.over:
        crowd.play()
    total = episode.moment.episode_return
    assert crowd.returns == [total]
    crowd.play()
    assert episode.moment.over
    crowd.play()
    assert not episode.moment.over and episode.seed == 101 and crowd.returns == [total]


def test_returns_count_only_whole_episodes_of_the_present_player():
    crowd = crowded(count=1)
    crowd.play()
    crowd.leader.control = "baseline"
    crowd.follow()
    (episode,) = crowd.episodes
    while not episode.moment.over:
        crowd.play()
    assert crowd.returns == []


def test_a_watched_crowd_goes_on_while_the_leaders_end_is_held():
    crowd = crowded(count=4)
    watcher = Watcher(crowd.leader, None, crowd=crowd)
    with Window("test", crowd.leader.world.size, headless=(900, 500), count=5) as window:
        watcher.draw(window.frame())
        before = window.frame().whole.pixels.copy()
        while not crowd.leader.moment.over:
            watcher.play_one()
        steps = [episode.moment.step for episode in crowd.episodes]
        watcher.advance(0.1)
        assert crowd.leader.moment.over
        assert [episode.moment.step for episode in crowd.episodes] != steps
        watcher.draw(window.frame())
        changed = [(canvas.pixels != 0).any() for canvas in window.frame().pictures]
        assert all(changed) and (before != window.frame().whole.pixels).any()


def test_frames_of_a_grid_are_written(tmp_path):
    watch("cliff_walking", grid=4, frames=tmp_path / "frames")
    files = sorted((tmp_path / "frames").iterdir())
    picture = pygame.surfarray.array3d(pygame.image.load(files[5])).transpose(1, 0, 2)
    assert picture.shape == (720, 1280, 3) and len(files) > 10


@pytest.mark.parametrize("grid", [0, 65])
def test_a_grid_of_a_size_that_cannot_be_is_refused(grid, tmp_path: Path):
    with pytest.raises(UserError, match=f"1 to 64 episodes side by side, not {grid}"):
        watch("cartpole", grid=grid, frames=tmp_path)
