"""Imitation of an expert who also labels what the learner itself meets: DAgger. Ross, Gordon & Bagnell 2011.

Who only clones an expert has seen only where the expert goes. Each small error leads a little off that way,
where the next error is larger: errors grow with the square of the time. So in round i the model acts, the
expert says what it would have done in each place that the model came to, and these examples join all others:

    D_0 = what the expert meets,   D_i = D_(i-1) + {(x, expert(x)) : x met by the model of round i}
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from sandbox.training.supervised import Supervised

MET = "met."
Act = Callable[[Tensor], Tensor]
"""Inputs (N, ...) to answers (N, O)."""
Parts = tuple[Tensor, ...]
"""Of N examples: inputs, the expert's answers, and what else is known of each; all with a first axis N."""
Meet = Callable[[int, Act], Parts]
"""A round, counted from 1, and who acts, to what was met; the same for the same acts."""
Change = Callable[[Parts, torch.Generator], tuple[Tensor, Any]]
"""A batch, to be made different each time it is seen, to inputs and targets as the loss takes them."""


class Dagger(Supervised):
    """A `Supervised` whose examples grow while it learns.

    A checkpoint holds no examples, only how the model acted: a resumed training acts the same again, and so
    meets the same again.

    Args:
        arguments: of `Supervised`.
        examples: those of the expert, inputs (N, ...) and answers (N, O), perhaps with more, on the CPU.
        meet: lets the model act in a round.
        rounds: how many there are.
        total: steps in all; the rounds begin at even distances.
        batch_size: examples in a minibatch.
        seed: of the batches.
        change: of a batch; it also makes of inputs what the model takes. A model that answers in several
            ways acts by the first of its outputs.
        keywords: of `Supervised`.

    Attributes:
        acts: of each round so far, the answers (T, N, O) that the model gave.
    """

    def __init__(
        self,
        *arguments: Any,
        examples: Parts,
        meet: Meet,
        rounds: int,
        total: int,
        batch_size: int,
        seed: int,
        change: Change,
        **keywords: Any,
    ) -> None:
        super().__init__(*arguments, **keywords)
        self.meet, self.change = meet, change
        self.batch_size, self.seed = batch_size, seed
        self.begins = [total * (i + 1) // (rounds + 1) for i in range(rounds)]
        self.acts: list[Tensor] = []
        self._parts = [examples]
        self._all = examples

    def batches(self, step: int) -> tuple[Tensor, Any]:
        """The batch of a step, counted from 0; a round begins before the batch if it is due."""
        while len(self.acts) < len(self.begins) and step >= self.begins[len(self.acts)]:
            self._act()
        generator = torch.Generator().manual_seed((self.seed * 1_000_003 + step) % 2**63)
        rows = torch.randint(len(self._all[0]), (self.batch_size,), generator=generator)
        changed, targets = self.change(tuple(part[rows] for part in self._all), generator)
        device = self._parameters[0].device
        if isinstance(targets, tuple):
            return changed.to(device), tuple(one.to(device) for one in targets)
        return changed.to(device), targets.to(device)

    def _act(self) -> None:
        """Let the model as it is act for a round."""
        acts: list[Tensor] = []

        def act(inputs: Tensor) -> Tensor:
            with torch.inference_mode():
                outputs = self.model(inputs.to(self._parameters[0].device))
                acts.append((outputs[0] if isinstance(outputs, tuple) else outputs).float().cpu())
            return acts[-1]

        training = self.model.training
        self.model.eval()
        met = self.meet(len(self.acts) + 1, act)
        self.model.train(training)
        self._join(met)
        self.acts.append(torch.stack(acts))

    def _join(self, met: Parts) -> None:
        self._parts.append(met)
        self._all = tuple(torch.cat(part) for part in zip(*self._parts, strict=True))

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """With how the model acted in each round."""
        tensors, values = super().state()
        return tensors | {f"{MET}{i:04d}": acts for i, acts in enumerate(self.acts)}, values

    def load_state(
        self, model: Mapping[str, Tensor], tensors: Mapping[str, Tensor], values: Mapping[str, Any]
    ) -> None:
        """Put back what `model_state` and `state` gave; meets again what was met."""
        acts = [tensors[name] for name in sorted(tensors) if name.startswith(MET)]
        rest = {name: tensor for name, tensor in tensors.items() if not name.startswith(MET)}
        super().load_state(model, rest, values)
        del self._parts[1:]
        self._all, self.acts = self._parts[0], acts
        for i, answers in enumerate(acts):
            again = iter(answers)
            self._join(self.meet(i + 1, lambda inputs, again=again: next(again)))
