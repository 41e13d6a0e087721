"""The learners of RBM, DBN, SOM and GAN under `fit`: they learn, and they resume with the same bits."""

import copy

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from sandbox.blocks.dbn import DBN
from sandbox.blocks.gan import GAN
from sandbox.blocks.rbm import RBM
from sandbox.blocks.som import SOM
from sandbox.runs import Run
from sandbox.training.adversarial import Adversarial
from sandbox.training.competitive import Competitive
from sandbox.training.contrastive_divergence import ContrastiveDivergence, GreedyPretraining
from sandbox.training.fit import fit

DIGITS = torch.tensor(np.asarray(load_digits(return_X_y=True)[0])[:600] / 16, dtype=torch.float32)


def rbm(chains=0):
    machine = RBM(64, 16)
    return ContrastiveDivergence(
        machine, torch.optim.SGD(machine.parameters(), lr=0.1, momentum=0.5), chains=chains
    )


def dbn():
    network = DBN(64, (16, 8))
    optimizers = [torch.optim.SGD(each.parameters(), lr=0.1, momentum=0.5) for each in network.rbms]
    return GreedyPretraining(network, optimizers, steps_per_layer=12, chains=20)


def gan(**settings):
    network = GAN.of_images((1, 8, 8), latent_dim=4, channels=(4, 8))
    adam = [
        torch.optim.Adam(part.parameters(), lr=1e-3) for part in (network.generator, network.discriminator)
    ]
    return Adversarial(network, *adam, **settings)


LEARNERS = {
    "rbm, CD": rbm,
    "rbm, persistent": lambda: rbm(chains=20),
    "dbn": dbn,
    "som, batch": lambda: Competitive(SOM(64, 4, 4), 25),
    "som, online": lambda: Competitive(SOM(64, 4, 4), 25, rule="online"),
    "gan": gan,
    "gan, averaged": lambda: gan(average=0.9),
    "wgan-gp": lambda: gan(objective="wasserstein", penalty=10.0, critic_steps=2),
}


def batches_for(name):
    def batches(step):
        x = DIGITS[torch.randint(len(DIGITS), (20,))]
        return ((2 * x - 1).view(-1, 1, 8, 8) if "gan" in name else x,)

    return batches


@pytest.mark.parametrize("name", LEARNERS)
def test_stopped_and_resumed_ends_with_the_same_bits(name):
    torch.manual_seed(0)
    whole = LEARNERS[name]()
    begin = copy.deepcopy(whole)
    torch.manual_seed(1)
    for step in range(25):
        whole.step(batches_for(name)(step))

    run = Run.create("learners", {"name": name})
    torch.manual_seed(1)
    part = fit(begin, batches_for(name), 13, run=run)
    for _ in part:
        pass
    torch.manual_seed(99)
    rest = LEARNERS[name]()
    for _ in fit(rest, batches_for(name), 25, run=run, resume=True):
        pass
    for key, value in whole.model_state().items():
        assert torch.equal(value, rest.model_state()[key]), key
    tensors, values = whole.state()
    again, same = rest.state()
    assert values == same
    for key, value in tensors.items():
        assert torch.equal(value, again[key]), key


@pytest.mark.parametrize("name", ["rbm, CD", "rbm, persistent", "som, batch", "som, online"])
def test_loss_falls(name):
    torch.manual_seed(2)
    learner = LEARNERS[name]()
    losses = [learner.step(batches_for(name)(step))["loss"].item() for step in range(60)]
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])


def test_schedule_of_the_map_ends_where_it_should():
    learner = Competitive(SOM(2, 6, 8), 10)
    figures = [learner.step(torch.rand(30, 2)) for _ in range(12)]
    radii = [f["radius"].item() for f in figures]
    assert radii[0] == pytest.approx(4.0)
    assert radii[9] == radii[11] == pytest.approx(0.7)
    ratios = np.array(radii[1:10]) / np.array(radii[:9])
    np.testing.assert_allclose(ratios, ratios[0], rtol=1e-5)


def test_persistent_chains_persist():
    learner = rbm(chains=7)
    learner.step((DIGITS[:20],))
    first = learner.chain
    assert first is not None
    assert first.shape == (7, 64)
    learner.step((DIGITS[:20],))
    assert learner.chain is not first
    assert rbm().step((DIGITS[:20],)).keys() == {"loss", "free_energy_gap"}


def test_the_generators_turn_leaves_the_discriminator_alone():
    learner = gan(penalty=0.0)
    learner.discriminator_optimizer = torch.optim.SGD(learner.gan.discriminator.parameters(), lr=0.0)
    before = copy.deepcopy(learner.gan.discriminator.state_dict())
    made = copy.deepcopy(learner.gan.generator.state_dict())
    learner.step(batches_for("gan")(0))
    for key, value in learner.gan.discriminator.state_dict().items():
        assert torch.equal(value, before[key])
    assert any(not torch.equal(v, made[k]) for k, v in learner.gan.generator.state_dict().items())
    assert all(p.requires_grad for p in learner.gan.parameters())


def test_the_average_moves_slowly_and_is_what_is_saved():
    torch.manual_seed(3)
    learner = gan(average=0.9)
    name, start = next((n, p.detach().clone()) for n, p in learner.gan.generator.named_parameters())
    learner.step(batches_for("gan")(0))
    now = learner.gan.generator.state_dict()[name]
    torch.testing.assert_close(learner.model_state()[f"generator.{name}"], start.lerp(now, 0.1))
