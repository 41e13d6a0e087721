"""Checks of a Gymnasium vector environment, whoever wrote it: no other project has a checker for these.

A check gets a `Maker` and raises CheckFailed with a sentence, or returns a note. Episodes are kept short with
`max_episode_steps`, so that every check sees many of them end.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

from envs.engine.checks.vector_comparison import (
    LIMIT,
    NUM_ENVS,
    NUM_STEPS,
    SEED,
    Maker,
    choose,
    equal,
    expect,
    expect_obs,
    expect_same,
    leaves,
    random_actions,
    reset_masked,
    rollout,
    row_of,
    single_action,
    step_and_reset,
)

NOT_DETERMINISTIC = "skipped: the environment says it is not deterministic"
OTHER_MODE = "skipped: it has another autoreset mode only"


def spaces_and_dtypes(maker: Maker) -> None:
    """Batched spaces, shapes and dtypes of all that is returned, observations within their bounds."""
    vector = maker.vector()
    n = NUM_ENVS
    expect(vector.num_envs == n, f"num_envs is {vector.num_envs}, {n} were asked for")
    for kind in ("observation", "action"):
        batched = batch_space(getattr(vector, f"single_{kind}_space"), n)
        expect(getattr(vector, f"{kind}_space") == batched, f"{kind}_space is not {n} single ones: {batched}")
    obs, infos = vector.reset(seed=SEED)
    expect_obs(vector, obs, "reset")
    expect(isinstance(infos, dict), f"infos of reset must be a dict, not {type(infos).__name__}")
    for t, actions in enumerate(random_actions(vector)):
        obs, rewards, terminated, truncated, infos = vector.step(actions)
        expect_obs(vector, obs, f"step {t + 1}")
        expect(isinstance(infos, dict), f"infos of step must be a dict, not {type(infos).__name__}")
        for name, array, kinds in (
            ("rewards", rewards, "f"), ("terminated", terminated, "b"), ("truncated", truncated, "b"),
        ):  # fmt: skip
            good = isinstance(array, np.ndarray) and array.shape == (n,) and array.dtype.kind in kinds
            wanted = "floats" if kinds == "f" else "bools"
            found = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
            expect(good, f"{name} must be an array of {n} {wanted}, not {found}")
        expect(bool(np.isfinite(rewards).all()), f"step {t + 1} gives the reward {rewards}")


def seeds_repeat(maker: Maker) -> str | None:
    """The same seed gives the same episodes, and another seed others."""
    if maker.spec.nondeterministic:
        return NOT_DETERMINISTIC
    first, again, other = (rollout(maker.vector(), seed) for seed in (SEED, SEED, SEED + 1000))
    expect_same(first, again, "the same seed and actions give other episodes")
    same_start = equal(first[0][0], other[0][0])
    return "every seed starts the same" if same_start else None


def alone_equals_batch(maker: Maker) -> str | None:
    """Environment `i` seeded with `s` plays what a single one seeded with `s + i` plays, in any batch."""
    if maker.spec.nondeterministic:
        return NOT_DETERMINISTIC
    for size in (NUM_ENVS, 2):
        vector = maker.vector(size)
        actions = random_actions(vector)
        steps = rollout(vector, SEED, actions)
        for i in range(size):
            single = maker.single()
            obs, _ = single.reset(seed=SEED + i)
            expect(
                equal(obs, row_of(steps[0][0], i)),
                f"environment {i} of {size} seeded with {SEED} does not start like a single one "
                f"seeded with {SEED + i}",
            )
            for t, (action, step) in enumerate(zip(actions, steps[1:], strict=True)):
                obs, reward, terminated, truncated, _ = single.step(single_action(vector, action, i))
                finished = bool(terminated or truncated)
                if finished and vector.metadata.get("autoreset_mode") == AutoresetMode.SAME_STEP:
                    break
                alike = equal(obs, row_of(step[0], i)) and np.isclose(float(reward), step[1][i], atol=1e-6)
                alike = alike and (bool(terminated), bool(truncated)) == (bool(step[2][i]), bool(step[3][i]))
                expect(
                    alike, f"environment {i} of {size} differs from a single one after {t + 1} steps: "
                    f"reward {step[1][i]} and {reward}, terminated {step[2][i]} and {terminated}, "
                    f"truncated {step[3][i]} and {truncated}, or the observation",
                )  # fmt: skip
                if finished:
                    break
            single.close()
    return None


def nothing_is_aliased(maker: Maker) -> None:
    """What a step returned is not changed by the next ones, and no two steps share memory."""
    for mode in maker.modes:
        vector = maker.vector(mode=mode)
        obs, _ = vector.reset(seed=SEED)
        kept: list[tuple[str, np.ndarray, np.ndarray]] = [("obs", a, a.copy()) for a in leaves(obs)]
        for actions in random_actions(vector)[: 2 * LIMIT]:
            step = step_and_reset(vector, actions)
            named = [("obs", leaf) for leaf in leaves(step[0])]
            named += [("rewards", step[1]), ("terminated", step[2]), ("truncated", step[3])]
            named += [("infos", leaf) for leaf in leaves(step[4])]
            for name, array in named:
                for old_name, old, _ in kept:
                    expect(
                        array is not old and not np.shares_memory(array, old),
                        f"{name} of a step shares its memory with {old_name} of an earlier one ({mode})",
                    )
            kept += [(name, array, array.copy()) for name, array in named]
        for name, array, copy in kept:
            same = equal(array, copy) if array.dtype != object else True
            expect(same, f"{name} was changed after it was returned ({mode.value})")


def next_step_resets(maker: Maker) -> str | None:
    """NEXT_STEP: the step after the last one ignores the action, gives reward 0, and begins an episode."""
    if AutoresetMode.NEXT_STEP not in maker.modes:
        return OTHER_MODE
    one, two = (maker.vector(mode=AutoresetMode.NEXT_STEP) for _ in range(2))
    one.reset(seed=SEED)
    two.reset(seed=SEED)
    over = np.zeros(NUM_ENVS, np.bool_)
    count = 0
    for actions, others in zip(random_actions(one), random_actions(one, seed=1), strict=True):
        # Where an episode is over, the two get different actions, which must not matter.
        mixed = choose(over, others, actions)
        obs, rewards, terminated, truncated, _ = one.step(actions)
        obs_two = two.step(mixed)[0]
        for i in np.flatnonzero(over):
            count += 1
            expect(rewards[i] == 0, f"the step that resets environment {i} gives reward {rewards[i]}, not 0")
            ended = terminated[i] or truncated[i]
            expect(not ended, f"the step that resets environment {i} says that it has ended")
        if not maker.spec.nondeterministic:
            expect(equal(obs, obs_two), "the step that resets an environment depends on the action")
        over = terminated | truncated
    expect(count > 0, f"no episode ended in {NUM_STEPS} steps with max_episode_steps={LIMIT}")
    return None


def same_step_resets(maker: Maker) -> str | None:
    """SAME_STEP: `final_obs` has the last observation where an episode ended, `obs` the first of the next."""
    if AutoresetMode.SAME_STEP not in maker.modes:
        return OTHER_MODE
    vector = maker.vector(mode=AutoresetMode.SAME_STEP)
    twin = maker.vector(mode=AutoresetMode.DISABLED)
    actions = random_actions(vector)
    vector.reset(seed=SEED)
    twin.reset(seed=SEED)
    for t, row in enumerate(actions):
        obs, rewards, terminated, truncated, infos = vector.step(row)
        last, *expected, _ = twin.step(row)
        done = terminated | truncated
        mask = infos.get("_final_obs", np.zeros(NUM_ENVS, np.bool_))
        expect(
            np.array_equal(mask, done),
            f"infos['_final_obs'] is {mask} after {t + 1} steps, but the episodes that ended are {done}",
        )
        for i in np.flatnonzero(done):
            final = infos["final_obs"][i]
            expect(vector.single_observation_space.contains(final), f"final_obs of environment {i} is no obs")
        if maker.spec.nondeterministic:
            reset_masked(twin, done)
            continue
        for i in range(NUM_ENVS):
            found = infos["final_obs"][i] if done[i] else row_of(obs, i)
            expect(
                equal(found, row_of(last, i)),
                f"{'final_obs' if done[i] else 'obs'} of environment {i} after {t + 1} steps is not the "
                "observation that its episode had reached",
            )
        for name, one, two in zip(
            ("rewards", "terminated", "truncated"), (rewards, terminated, truncated), expected, strict=True
        ):
            expect(equal(one, two), f"{name} differ from those of DISABLED mode after {t + 1} steps")
        fresh = reset_masked(twin, done)
        if fresh is not None:
            for i in np.flatnonzero(done):
                expect(
                    equal(row_of(obs, i), row_of(fresh, i)),
                    f"obs of environment {i} after {t + 1} steps is not the first of its next episode",
                )
    return None


def reset_masks(maker: Maker) -> str | None:
    """DISABLED: a reset with a mask begins episodes there, and leaves the other environments alone."""
    if AutoresetMode.DISABLED not in maker.modes:
        return OTHER_MODE
    vector, twin = (maker.vector(mode=AutoresetMode.DISABLED, limit=None) for _ in range(2))
    mask = np.arange(NUM_ENVS) % 2 == 0
    start, _ = vector.reset(seed=SEED)
    twin.reset(seed=SEED)
    actions = random_actions(vector)
    before = start
    for row in actions[:3]:
        before, _, terminated, truncated, _ = vector.step(row)
        twin.step(row)
        if (terminated | truncated).any():
            return "skipped: its episodes are too short"
    fresh, _ = vector.reset(options={"reset_mask": mask.copy()})
    expect_obs(vector, fresh, "reset with a mask")
    for i in np.flatnonzero(~mask):
        kept = equal(row_of(fresh, i), row_of(before, i))
        expect(kept, f"a reset that masks environment {i} out changed its observation")
    if maker.spec.nondeterministic:
        return "not deterministic: only observations were compared"
    started = False
    for row in actions[3:6]:
        one, two = vector.step(row), twin.step(row)
        for i in np.flatnonzero(~mask):
            expect(
                equal(row_of(one[0], i), row_of(two[0], i)) and one[1][i] == two[1][i],
                f"environment {i}, which was masked out of a reset, goes on differently",
            )
        differs = [not equal(row_of(one[0], i), row_of(two[0], i)) for i in np.flatnonzero(mask)]
        started = started or any(differs)
        if (one[2] | one[3] | two[2] | two[3]).any():
            break
    if not started and all(equal(row_of(before, i), row_of(start, i)) for i in np.flatnonzero(mask)):
        return "the environments to reset were in their first state: nothing could be seen"
    expect(started, "a reset with a mask does not begin episodes where the mask is True")
    return None


def truncation_is_not_termination(maker: Maker) -> str | None:
    """Episodes are cut off after `max_episode_steps`, and that alone never sets `terminated`."""
    short, long = maker.vector(), maker.vector(limit=10_000)
    short.reset(seed=SEED)
    long.reset(seed=SEED)
    alive = np.ones(NUM_ENVS, np.bool_)
    for t, row in enumerate(random_actions(short)[:LIMIT]):
        _, _, terminated, truncated, _ = short.step(row)
        _, _, terminated_long, truncated_long, _ = long.step(row)
        early = truncated & alive
        if t + 1 < LIMIT:
            expect(not early.any(), f"truncated after {t + 1} steps, max_episode_steps is {LIMIT}")
        else:
            expect(
                bool(truncated[alive].all()),
                f"not truncated after {LIMIT} steps, which are max_episode_steps",
            )
        if not maker.spec.nondeterministic:
            same = np.array_equal(terminated[alive], terminated_long[alive])
            expect(same, f"terminated after {t + 1} steps depends on max_episode_steps")
        expect(not truncated_long[alive].any(), f"truncated after {t + 1} of at most 10000 steps")
        alive &= ~(terminated | truncated)
    return None


VECTOR_CHECKS: dict[str, Callable[[Maker], str | None]] = {
    "vector: spaces, shapes and dtypes": spaces_and_dtypes,
    "vector: seeds repeat": seeds_repeat,
    "vector: alone equals batch": alone_equals_batch,
    "vector: returned arrays are new": nothing_is_aliased,
    "vector: NEXT_STEP autoreset": next_step_resets,
    "vector: SAME_STEP autoreset, final observations": same_step_resets,
    "vector: DISABLED autoreset, reset masks": reset_masks,
    "vector: truncation is not termination": truncation_is_not_termination,
}
