"""Deep belief network: RBMs stacked, each on the features of the one below. Hinton, Osindero & Teh 2006.

    x -> h_1 = sigmoid(c_1 + W_1 x) -> h_2 = sigmoid(c_2 + W_2 h_1) -> ... -> y = W_out h_L + b_out

Pretraining goes greedily from below: the first RBM models the data, the second the first one's features, and
so on, without labels (`sandbox.training.contrastive_divergence`). Then the same weights serve as a network
with sigmoid units, fine-tuned on the labels there are. To dream, the top RBM runs its Gibbs chain, and each
layer below draws its visible units once.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from sandbox.blocks.rbm import RBM, Visible


class DBN(nn.Module):
    """A stack of RBMs that can be read upwards as a network. Hinton, Osindero & Teh 2006.

    The RBMs' visible biases take part in pretraining and dreaming only, so `forward` gives them no gradient.

    Args:
        in_dim: numbers per input, D.
        hidden: units of each RBM's hidden layer, from below.
        out_dim: outputs of a linear layer on top, O; None to end with the top features.
        visible: kind of the lowest visible units: `bernoulli` for data in [0, 1], else `gaussian`.

    Attributes:
        layers: the RBMs, from below.
        head: the linear layer, or None.
        in_dim: D.
        out_dim: numbers per input that come out, O.
    """

    def __init__(
        self,
        in_dim: int,
        hidden: Sequence[int] = (256, 256),
        out_dim: int | None = None,
        *,
        visible: Visible = "bernoulli",
    ) -> None:
        super().__init__()
        sizes = [in_dim, *hidden]
        self.layers = nn.ModuleList(
            RBM(sizes[i], sizes[i + 1], visible=visible if i == 0 else "bernoulli")
            for i in range(len(hidden))
        )
        self.head = None if out_dim is None else nn.Linear(sizes[-1], out_dim)
        self.in_dim = in_dim
        self.out_dim = sizes[-1] if out_dim is None else out_dim

    @property
    def rbms(self) -> list[RBM]:
        """The layers, from below."""
        return [layer for layer in self.layers if isinstance(layer, RBM)]

    def features(self, x: Float[Tensor, "B D"], depth: int | None = None) -> Float[Tensor, "B H"]:
        """Probabilities of the hidden units after `depth` layers (all if None); 0 gives x itself."""
        for layer in self.rbms[:depth]:
            x = layer.hidden_mean(x)
        return x

    def forward(self, x: Float[Tensor, "B D"]) -> Float[Tensor, "B O"]:
        """Read the stack upwards: outputs of the head, or the top features."""
        top = self.features(x)
        return top if self.head is None else self.head(top)

    @torch.no_grad()
    def rebuilt(self, x: Float[Tensor, "B D"], depth: int | None = None) -> Float[Tensor, "B D"]:
        """What is left of x on its way up through `depth` layers (all if None) and down again, by means."""
        x = self.features(x, depth)
        for layer in reversed(self.rbms[:depth]):
            x = layer.visible_mean(x)
        return x

    @torch.no_grad()
    def dream(self, x: Float[Tensor, "B D"], steps: int = 100) -> Float[Tensor, "B D"]:
        """Samples of what the stack takes the world to be like.

        Args:
            x: where the chains start: their features set the top RBM's visible units.
            steps: Gibbs steps of the top RBM.

        Returns:
            Means of the lowest visible units, one row a chain.
        """
        stack = self.rbms
        v = self.features(x, len(stack) - 1)
        if len(stack) > 1:
            v = torch.bernoulli(v)
        h = stack[-1].sample_hidden(stack[-1].gibbs(v, steps))
        for layer in stack[:0:-1]:  # from the top, down to the last but one
            h = layer.sample_visible(h)
        return stack[0].visible_mean(h)

    @torch.no_grad()
    def randomise(self) -> None:
        """Weights as for a network that is not pretrained: Glorot & Bengio 2010's scale for sigmoid units."""
        for layer in self.rbms:
            nn.init.xavier_normal_(layer.weight, gain=4.0)
            nn.init.zeros_(layer.hidden_bias)


def example() -> tuple[DBN, tuple[Tensor, ...]]:
    """Two RBMs and ten scores."""
    return DBN(12, (8, 6), 10), (torch.rand(4, 12),)
