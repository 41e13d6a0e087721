"""Code: what ran, and what runs it again."""

from typing import TYPE_CHECKING, Any

from apps.latent import coding, duel, gan, som
from apps.studio.page import reproduce
from apps.studio.page.source_code import show_source
from sandbox.blocks.autoencoder import Autoencoder
from sandbox.blocks.gan import gan_losses, r1_penalty
from sandbox.blocks.som import SOM
from sandbox.blocks.vae import VAE
from sandbox.training.adversarial import Adversarial
from sandbox.training.competitive import Competitive
from sandbox.training.supervised import Supervised

if TYPE_CHECKING:
    from apps.latent.reading import Look

_DUEL: tuple[tuple[str, Any], ...] = (
    ("The two losses, `sandbox/blocks/gan.py`", gan_losses),
    ("The penalty, likewise", r1_penalty),
    ("One step of both, `sandbox/training/adversarial.py`", Adversarial.step),
)
PARTS: dict[str, tuple[tuple[str, Any], ...]] = {
    "latent/vae": (
        ("The block, `sandbox/blocks/vae.py`", VAE),
        ("One step of learning, `sandbox/training/supervised.py`", Supervised.step),
        ("How data, network and learner come together, `apps/latent/coding.py`", coding.CodingTask.prepare),
    ),
    "latent/autoencoder": (
        ("The block, `sandbox/blocks/autoencoder.py`", Autoencoder),
        ("One step of learning, `sandbox/training/supervised.py`", Supervised.step),
        ("How data, network and learner come together, `apps/latent/coding.py`", coding.CodingTask.prepare),
    ),
    "latent/duel": (*_DUEL, ("How it is set up, `apps/latent/duel.py`", duel.contest)),
    "latent/gan": (*_DUEL, ("How it is set up, `apps/latent/gan.py`", gan.Forge.prepare)),
    "latent/som": (
        ("The batch rule, `sandbox/blocks/som.py`", SOM.batch),
        ("Kohonen's own rule, likewise", SOM.online),
        ("One step, its radius shrinking, `sandbox/training/competitive.py`", Competitive.step),
        ("How it is set up, `apps/latent/som.py`", som.Unfold.prepare),
    ),
}


def show(look: "Look") -> None:
    """Draw the tab."""
    reproduce.show(look.run)
    for title, part in PARTS[look.target]:
        show_source(part, f"**{title}**:")
