"""Backpropagation: one example step by step through the network, forward and backward, with the numbers."""

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from apps.neurons.board_data import names
from apps.neurons.controls import PAGE
from apps.neurons.live_view import LiveView
from apps.neurons.trace import Stage, Trace, trace
from apps.studio.browser.number_grid import Block, show_numbers
from apps.studio.charts.bars import show_bars
from apps.studio.plain_text import escape
from sandbox.data.plane_points import Points

TITLE = "Backpropagation step by step"
ORDER = 10
EXAMPLE = f"{PAGE}:example"
NOTHING = 0.0005
"""Gradients below it are shown as 0.000."""


def fits(view: LiveView) -> bool:
    """Always."""
    return True


def show(page: str, view: LiveView) -> None:
    """Draw an example, the step that is looked at, and its numbers."""
    model, points = view.predictor.model, view.training.points
    left, right = st.columns([1, 3], gap="large")
    worst = int(losses(model, points).argmax()) + 1
    # At most points the gradients of a trained network are 0: the tab opens where they are not.
    st.session_state[EXAMPLE] = min(st.session_state.get(EXAMPLE, worst), len(points.x))
    with left:
        number = st.slider(
            "Example", 1, len(points.x), key=EXAMPLE, help="Which point goes through the network."
        )
        x = torch.from_numpy(points.x[number - 1])
        target = torch.tensor(points.y[number - 1])
        found = trace(model, x, target, names(points, model))
        stages = found.stages
        labels = ["begin"] + [f"forward {s.name}" for s in stages[1:]] + ["loss"]
        labels += [f"backward {s.name}" for s in reversed(stages[1:])] + ["step"]
        _stepper(labels)
        at = st.select_slider(
            "Step", labels, key=f"{PAGE}:stage", help="Forward to the loss, then back to every weight."
        )
        _answer(points, found, number, float(target))
        _worst(found, number, worst)
    with right:
        position = labels.index(str(at))
        _strip(stages, position, len(stages))
        _detail(view, found, position)


def _worst(found: Trace, number: int, worst: int) -> None:
    """Say where there is something to learn, and where there is nothing."""
    largest = max(float(np.abs(_gradient(stage)).max()) for stage in found.stages[1:])
    if number == worst:
        st.caption("This point has the largest loss of all; most others have gradients near 0.")
    else:
        st.button(
            "Largest loss",
            icon=":material/target:",
            key=f"{PAGE}:worst",
            on_click=st.session_state.__setitem__,
            args=(EXAMPLE, worst),
            help=f"Go to point {worst}, where the network is furthest from the truth.",
        )
    if largest < NOTHING:
        st.caption(
            "Every gradient rounds to 0.000 here: there is nothing left to learn from this point. Drag *Age* "
            "to the left to see the network before it learned this point."
        )


def _stepper(labels: list[str]) -> None:
    key = f"{PAGE}:stage"
    if st.session_state.get(key) not in labels:
        st.session_state[key] = labels[0]
    here = labels.index(st.session_state[key])
    with st.container(horizontal=True, gap="small"):
        for label, icon, way in (("Back", "left", -1), ("On", "right", 1)):
            there = min(max(0, here + way), len(labels) - 1)
            st.button(
                label,
                icon=f":material/chevron_{icon}:",
                key=f"{PAGE}:stage:{label}",
                disabled=there == here,
                on_click=st.session_state.__setitem__,
                args=(key, labels[there]),
            )


def losses(model: nn.Module, points: Points) -> NDArray[np.float32]:
    """(N,) the loss of each point alone."""
    with torch.inference_mode():
        outputs, y = torch.nan_to_num(model(torch.from_numpy(points.x))), torch.from_numpy(points.y)
        if outputs.shape[1] == 1:
            return (outputs[:, 0] - y).square().numpy()
        return F.cross_entropy(outputs, y.long(), reduction="none").numpy()


def _answer(points: Points, found: Trace, number: int, target: float) -> None:
    classes = points.classes
    unseen = " It is a test point: training does not use it." if points.unseen[number - 1] else ""
    if classes:
        st.caption(f"Point {number} is of class {escape(classes[int(target)])}.{unseen}")
        show_bars(classes, found.answer.tolist(), key=f"{PAGE}:inside:bars")
        st.caption(f"Loss L = -log(probability of {escape(classes[int(target)])}) = {found.loss:z.3f}")
    else:
        st.caption(
            f"Point {number} has the value {target:z.2f}; the network says {float(found.answer[0]):z.2f}, "
            f"so L = ({float(found.answer[0]):z.2f} - {target:z.2f})² = {found.loss:z.4f}.{unseen}"
        )


def _strip(stages: list[Stage], position: int, count: int) -> None:
    """All numbers that are known so far: values going forward, gradients coming back."""
    blocks = []
    for i, stage in enumerate(stages):
        known = i <= position
        graded = i > 0 and position >= 2 * count - i
        values = [stage.node.value[0].detach().numpy()]
        rows = [stage.name]
        if graded:
            values.append(_gradient(stage))
            rows.append(f"dL/d{stage.name}")
        blocks.append(
            Block(
                values=np.stack(values) if known else np.full((1, len(stage.units)), np.nan),
                rows=rows,
                columns=stage.units,
                faded=not known,
                scale=1.0,
            )
        )
    show_numbers(blocks, key=f"{PAGE}:strip", stacked=True)


def _gradient(stage: Stage) -> np.ndarray:
    gradient = stage.node.gradient
    return np.zeros(stage.node.value.shape[1]) if gradient is None else gradient[0].detach().numpy()


def _detail(view: LiveView, found: Trace, position: int) -> None:
    stages, count = found.stages, len(found.stages)
    if position == 0:
        st.markdown("**The example** is at the input. *On* computes the first layer.")
    elif position < count:
        stage = stages[position]
        st.markdown(f"**Forward**: {stage.forward}")
        if stage.weight is not None:
            show_numbers([_products(stage)], key=f"{PAGE}:detail")
    elif position == count:
        st.markdown(f"**The loss** L = **{found.loss:z.4f}** measures how wrong the answer is. Now backward:")
    elif position < 2 * count:
        stage = stages[2 * count - position]
        st.markdown(f"**Backward**: {stage.backward}" if stage.backward else "**Backward**")
        if stage.weight is not None:
            show_numbers([_slopes(stage)], key=f"{PAGE}:detail", digits=3)
    else:
        rate = view.settings.learning_rate
        st.markdown(
            f"**The step**: every weight goes down its slope, w ← w - {rate:g} · dL/dw (gradient descent; "
            f"a minibatch takes the mean of {view.settings.batch_size} examples, and "
            f"{view.settings.optimizer} changes this rule)."
        )
        blocks = []
        for stage in stages:
            if stage.weight is None or stage.weight.gradient is None:
                continue
            after = (stage.weight.value - rate * stage.weight.gradient).detach().numpy()
            blocks.append(
                Block(
                    title=f"new {'centres' if stage.bump else f'W{stage.name[1:]}'}",
                    values=after,
                    rows=stage.units,
                    columns=stage.input_names,
                    hints=[
                        [f"{w:z.4f} - {rate:g} · {g:z.4f}" for w, g in zip(ws, gs, strict=True)]
                        for ws, gs in zip(
                            stage.weight.value.tolist(), stage.weight.gradient.tolist(), strict=True
                        )
                    ],
                )
            )
        show_numbers(blocks, key=f"{PAGE}:detail")


def _products(stage: Stage) -> Block:
    """What a layer adds up: weight times input, bias, and their sum."""
    assert stage.weight is not None and stage.inputs is not None
    weight = stage.weight.value.detach().numpy()
    inputs = stage.inputs.value[0].detach().numpy()
    total = stage.node.value[0].detach().numpy()
    if stage.bump:
        values = np.column_stack([(inputs - weight) ** 2, total])
        hints = [
            [f"({x:z.3f} - {c:z.3f})²" for x, c in zip(inputs, row, strict=True)] + ["their sum"]
            for row in weight
        ]
        columns = [*(f"({name} - c)²" for name in stage.input_names), "sum"]
    else:
        assert stage.bias is not None
        bias = stage.bias.value.detach().numpy()
        values = np.column_stack([weight * inputs, bias, total])
        hints = [
            [f"{w:z.3f} · {h:z.3f}" for w, h in zip(row, inputs, strict=True)] + ["bias", "their sum"]
            for row in weight
        ]
        columns = [*(f"w·{name}" for name in stage.input_names), "bias", "sum"]
    return Block(
        values=values,
        rows=stage.units,
        columns=columns,
        hints=hints,
        strong=[len(columns) - 1],
        note="Each number is a product; rest the pointer on it to see its factors.",
    )


def _slopes(stage: Stage) -> Block:
    """The gradient of each weight of a layer."""
    assert stage.weight is not None and stage.weight.gradient is not None
    slopes = stage.weight.gradient.detach().numpy()
    columns = [f"dL/d{'c' if stage.bump else 'w'} {name}" for name in stage.input_names]
    if stage.bias is not None and stage.bias.gradient is not None:
        slopes = np.column_stack([slopes, stage.bias.gradient.detach().numpy()])
        columns.append("dL/db")
    return Block(values=slopes, rows=stage.units, columns=columns)
