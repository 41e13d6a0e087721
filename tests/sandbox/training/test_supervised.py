import pytest
import torch
from torch import nn

from sandbox.blocks.mlp import MLP
from sandbox.training.nested_tensors import pack, unpack
from sandbox.training.supervised import Supervised, warmup_cosine

X, Y = torch.randn(32, 4, generator=torch.Generator().manual_seed(0)), torch.arange(32) % 3


def network():
    torch.manual_seed(1)
    return MLP(4, (8,), 3)


def test_a_step_is_what_a_plain_loop_does():
    ours, plain = network(), network()
    optimizers = [torch.optim.AdamW(model.parameters(), lr=0.1) for model in (ours, plain)]
    learner = Supervised(
        ours, optimizers[0], nn.functional.cross_entropy, schedule=lambda step: 0.5**step, clip=0.1
    )
    for step in range(5):
        figures = learner.step((X, Y))
        optimizers[1].param_groups[0]["lr"] = 0.1 * 0.5**step
        loss = nn.functional.cross_entropy(plain(X), Y)
        optimizers[1].zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(plain.parameters(), 0.1)
        optimizers[1].step()
        assert torch.equal(figures["loss"], loss) and torch.equal(figures["gradient_norm"], norm)
        assert norm > 0.1  # so the clipping did something
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), plain.parameters(), strict=True))


def test_parts_of_a_batch_add_up_to_the_whole():
    ends = []
    for accumulate in (1, 4, 5):
        model = network()
        learner = Supervised(
            model,
            torch.optim.SGD(model.parameters(), lr=0.5),
            nn.functional.cross_entropy,
            clip=0.3,
            accumulate=accumulate,
            metrics=lambda outputs, targets: {"accuracy": (outputs.argmax(1) == targets).float().mean()},
        )
        figures = [learner.step((X[:27], Y[:27])) for _ in range(3)]  # 27 has no equal parts
        ends.append((figures, model.state_dict()))
    for figures, weights in ends[1:]:
        torch.testing.assert_close(figures, ends[0][0])
        torch.testing.assert_close(weights, ends[0][1])


def test_a_batch_in_parts_needs_the_memory_of_a_part():
    sizes = []
    model = network()
    model.register_forward_hook(lambda module, inputs, outputs: sizes.append(len(outputs)))
    learner = Supervised(
        model, torch.optim.SGD(model.parameters(), lr=0.5), nn.functional.cross_entropy, accumulate=4
    )
    learner.step((X, Y))
    assert sizes == [8, 8, 8, 8]


def test_schedule_rises_then_falls():
    factor = warmup_cosine(100, warmup=0.1, final=0.1)
    assert [factor(0), factor(9), factor(10)] == [0.1, 1.0, 1.0]
    assert factor(55) == pytest.approx(0.55)
    assert factor(100) == factor(1000) == pytest.approx(0.1)


def test_half_precision_learns():
    model = network()
    learner = Supervised(
        model, torch.optim.SGD(model.parameters(), 0.5), nn.functional.cross_entropy, autocast=True
    )
    losses = [learner.step((X, Y))["loss"].item() for _ in range(30)]
    assert losses[-1] < losses[0]
    assert all(p.dtype == torch.float32 for p in model.parameters())


@pytest.mark.parametrize(
    "make",
    [
        lambda p: torch.optim.AdamW(p, lr=0.01),
        lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True),
        lambda p: torch.optim.RMSprop(p, lr=0.01, centered=True),
        lambda p: torch.optim.Adam(
            [{"params": list(p)[:2], "lr": 0.1}, {"params": []}], lr=0.01, amsgrad=True
        ),
    ],
)
def test_any_optimizer_goes_on_exactly(make):
    def learner():
        model = network()
        return Supervised(model, make(list(model.parameters())), nn.functional.cross_entropy)

    whole, half, rest = learner(), learner(), learner()
    for _ in range(6):
        whole.step((X, Y))
    for _ in range(3):
        half.step((X, Y))
    model = {name: tensor.clone() for name, tensor in half.model_state().items()}
    rest.load_state(model, *half.state())
    for _ in range(3):
        rest.step((X, Y))
    for a, b in zip(whole.model.parameters(), rest.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_what_a_fused_optimizer_remembers_lies_as_its_parameter_does():
    """It takes that for granted: weights that lie channels last would learn from the memory of others."""

    def learner():
        torch.manual_seed(1)
        model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.Flatten())
        nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
        return Supervised(model, torch.optim.AdamW(model.parameters(), fused=True), nn.functional.mse_loss)

    batch = torch.randn(4, 2, 5, 5), torch.randn(4, 27)
    whole, half, rest = learner(), learner(), learner()
    for _ in range(4):
        whole.step(batch)
    for _ in range(2):
        half.step(batch)
    tensors, values = half.state()
    # As a file gives them back.
    tensors = {name: tensor.clone(memory_format=torch.contiguous_format) for name, tensor in tensors.items()}
    rest.load_state({name: tensor.clone() for name, tensor in half.model_state().items()}, tensors, values)
    for _ in range(2):
        rest.step(batch)
    for a, b in zip(whole.model.parameters(), rest.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_nested_values_survive_json():
    import json

    value = {"a": [1, (2.5, None)], 3: {"t": torch.ones(2)}, "flag": True, "name": "x", "empty": {}}
    tensors, plain = pack(value, "p")
    back = unpack(json.loads(json.dumps(plain)), tensors)
    assert torch.equal(back[3].pop("t"), value[3].pop("t"))
    assert back == value and isinstance(back["a"][1], tuple)
    with pytest.raises(TypeError, match=r"p.a is function"):
        pack({"a": pack}, "p")


def test_a_model_is_settled_before_it_is_saved_and_once_for_each_step():
    model, calls = network(), []
    learner = Supervised(
        model,
        torch.optim.AdamW(model.parameters(), lr=0.1),
        nn.functional.cross_entropy,
        settle=lambda settled: calls.append(settled is model),
    )
    learner.model_state()
    learner.model_state()
    learner.step((X, Y))
    learner.model_state()
    assert calls == [True, True]
    learner.load_state(learner.model_state(), *learner.state())
    learner.model_state()  # what was loaded was settled when it was saved
    assert calls == [True, True]
