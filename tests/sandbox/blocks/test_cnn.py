import gymnasium
import pytest
import torch
from torch import nn

from sandbox.blocks.cnn import CNN


@pytest.mark.parametrize("shape", [(1, 8, 8), (4, 10, 10), (1, 28, 28), (3, 32, 48)])
@pytest.mark.parametrize("norm", ["none", "batch", "group"])
def test_pictures_of_many_shapes(shape, norm):
    cnn = CNN(shape, (8, 16), norm=norm, pool=(1, 2), hidden=(32,), out_dim=10)
    assert cnn(torch.randn(2, *shape)).shape == (2, 10)
    features = CNN(shape, (8,), hidden=())
    assert features(torch.randn(2, *shape)).shape == (2, features.out_dim) == (2, 8 * shape[1] * shape[2])


def test_it_is_the_same_as_torchs_layers():
    torch.manual_seed(0)
    cnn = CNN((2, 9, 9), (4, 6), kernel=(3, 2), stride=(1, 2), padding=0, pool=(2, 1), hidden=(5,), out_dim=3)
    first, second = nn.Conv2d(2, 4, 3), nn.Conv2d(4, 6, 2, 2)
    dense, out = nn.Linear(6 * 1 * 1, 5), nn.Linear(5, 3)
    for mine, theirs in (
        (cnn.get_submodule("body.0.0"), first),
        (cnn.get_submodule("body.1.0"), second),
        (cnn.head[0], dense),
        (cnn.head[2], out),
    ):
        theirs.load_state_dict(mine.state_dict())
    x = torch.randn(5, 2, 9, 9)
    h = nn.functional.max_pool2d(first(x).relu(), 2)
    expected = out(dense(second(h).relu().flatten(1)).relu())
    torch.testing.assert_close(cnn(x), expected)


@pytest.mark.parametrize("activation", ["relu", "tanh", "leaky_relu", "gelu", "silu"])
def test_a_stage_does_its_layers_one_after_the_other(activation):
    """Also where it pools before the activation, because that is the same and cheaper."""
    torch.manual_seed(0)
    cnn = CNN((2, 9, 9), (6,), norm="batch", pool=2, activation=activation, out_dim=2)
    stage = cnn.body[0]
    nn.init.constant_(
        cnn.get_parameter("body.0.1.bias"), -2.0
    )  # often all of a window, where GELU and SiLU fall
    x = torch.randn(5, 2, 9, 9)
    results = []
    for way in (stage, nn.Sequential(*stage.children())):
        y = way(x)
        loss = (y * torch.arange(y.numel()).view_as(y).cos()).sum()
        results.append((y, torch.autograd.grad(loss, list(stage.parameters()))))
    torch.testing.assert_close(results[0], results[1])


@pytest.mark.parametrize("norm", ["none", "batch", "group"])
def test_channels_last_gives_the_same(norm):
    torch.manual_seed(0)
    cnn = CNN((3, 10, 10), (8, 8), norm=norm, pool=2, hidden=(16,), out_dim=4)
    x = torch.randn(6, 3, 10, 10)
    torch.testing.assert_close(
        cnn(x.contiguous(memory_format=torch.channels_last)), cnn(x), atol=1e-5, rtol=1e-5
    )


def test_it_extracts_features_for_a_policy():
    """As a features extractor of Stable-Baselines3 would be built from it."""
    from stable_baselines3.common.torch_layers import BaseFeaturesExtractor

    class Extractor(BaseFeaturesExtractor):
        def __init__(self, space: gymnasium.spaces.Box) -> None:
            cnn = CNN((4, 10, 10), (16, 32), hidden=(64,))
            super().__init__(space, cnn.out_dim)
            self.cnn = cnn

        def forward(self, observations: torch.Tensor) -> torch.Tensor:
            return self.cnn(observations)

    extractor = Extractor(gymnasium.spaces.Box(0, 1, (4, 10, 10)))
    assert extractor(torch.rand(3, 4, 10, 10)).shape == (3, extractor.features_dim) == (3, 64)


def test_group_norm_does_not_mix_examples():
    cnn = CNN((1, 8, 8), (12,), norm="group", out_dim=2)
    x = torch.randn(4, 1, 8, 8)
    torch.testing.assert_close(cnn(x)[:1], cnn(x[:1]))


def test_dropout_only_while_training():
    cnn = CNN((1, 8, 8), (4,), dropout=0.5, out_dim=2)
    x = torch.randn(2, 1, 8, 8)
    assert not torch.equal(cnn(x), cnn(x))
    cnn.eval()
    assert torch.equal(cnn(x), cnn(x))


def test_pictures_that_are_too_small_are_refused():
    with pytest.raises(ValueError, match="4x4 picture is too small for 3"):
        CNN((1, 4, 4), (2, 2, 2), pool=2)
    with pytest.raises(ValueError, match="2 values for 3 convolutions"):
        CNN((1, 8, 8), (2, 2, 2), pool=(1, 2))
