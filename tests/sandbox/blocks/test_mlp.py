import pytest
import torch
from stable_baselines3.common.torch_layers import MlpExtractor
from torch import nn

from sandbox.blocks.mlp import ACTIVATIONS, MLP


def test_it_is_the_same_as_torchs_layers():
    torch.manual_seed(0)
    mlp = MLP(3, (5, 4), 2, "gelu")
    x = torch.randn(7, 3)
    first, second, last = nn.Linear(3, 5), nn.Linear(5, 4), nn.Linear(4, 2)
    for index, layer in ((0, first), (2, second), (4, last)):
        layer.load_state_dict(mlp[index].state_dict())
    gelu = nn.functional.gelu
    torch.testing.assert_close(mlp(x), last(gelu(second(gelu(first(x))))))


def test_weights_move_to_and_from_stable_baselines3():
    theirs = MlpExtractor(4, {"pi": [64, 64], "vf": [64]}, nn.Tanh)
    mlp = MLP(4)
    assert list(mlp.state_dict()) == list(theirs.policy_net.state_dict())
    mlp.load_state_dict(theirs.policy_net.state_dict())
    x = torch.randn(5, 4)
    assert torch.equal(mlp(x), theirs.forward_actor(x))
    theirs.policy_net.load_state_dict(MLP(4).state_dict())


def test_features_end_with_the_activation():
    mlp = MLP(4, (8, 6))
    assert mlp.out_dim == 6 and isinstance(mlp[-1], nn.Tanh)
    assert mlp(torch.randn(2, 4)).shape == (2, 6)
    assert MLP(4, (8,), 3).out_dim == 3
    assert MLP(4, (), 3)(torch.randn(2, 4)).shape == (2, 3)
    assert MLP(4, ()).out_dim == 4


def test_leading_axes_are_free():
    assert MLP(4, (8,), 3)(torch.randn(2, 5, 4)).shape == (2, 5, 3)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_have_names(name):
    assert isinstance(MLP(2, (3,), activation=name)[1], ACTIVATIONS[name])


def test_an_unknown_activation_names_the_nearest():
    with pytest.raises(ValueError, match="Did you mean relu"):
        MLP(2, activation="rellu")
