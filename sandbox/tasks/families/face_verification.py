"""Two faces: the same person or not, for people that were never seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float, Int64
from numpy.typing import NDArray
from torch import Tensor, nn

from sandbox.baselines.eigenfaces import Eigenfaces, Pixels
from sandbox.data import image_folder, named_pictures, synthetic_faces
from sandbox.data.augment import flip
from sandbox.data.face_pairs import pairs_of
from sandbox.data.formats import images
from sandbox.data.labelled_images import LabelledImages
from sandbox.data.people_batches import PeopleBatches
from sandbox.errors import UserError
from sandbox.files import typed_path
from sandbox.metrics.scores import Metric, Scores
from sandbox.metrics.verification import EQUAL_ERROR, rates, verification_scores
from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.families.face_network import FaceNetwork, FaceVerifier
from sandbox.tasks.inputs.face_pair import FacePair
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, named, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.contrastive import supervised_contrastive
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

OWN_PEOPLE = OwnData(
    "my own people",
    "A folder, or a zip of it, with a folder of pictures for each person, each picture cropped to the face.",
    files=(".zip",),
    classes=images.ENDINGS,
    things="pictures",
)
LEAST_PEOPLE = 8
"""In a folder of one's own: some to learn from, some to set the threshold by, some unseen."""
UNSEEN, ASIDE = 1 / 3, 1 / 5
"""Shares of one's own people that are unseen, and of the others that set the threshold."""
PAIRS = 6
"""Pairs of a person's own pictures that are tested, and as many with others."""


@dataclass(frozen=True)
class People:
    """Pictures of people.

    Attributes:
        faces: in [0, 1].
        whose: each is.
        glasses: whether some are worn in each; None if that is not known.
    """

    faces: Float[np.ndarray, "N 1 S S"]
    whose: Int64[np.ndarray, " N"]
    glasses: NDArray[np.bool_] | None = None

    def of(self, chosen: NDArray[np.integer]) -> People:
        """The pictures of some people."""
        rows = np.isin(self.whose, chosen)
        return People(
            self.faces[rows], self.whose[rows], None if self.glasses is None else self.glasses[rows]
        )

    def pairs(self, seed: int) -> Examples[Any, Any]:
        """Pairs of pictures with their targets, see `pairs_of`."""
        inputs, targets = pairs_of(self.faces, self.whose, self.glasses, PAIRS, seed)
        return Examples(torch.from_numpy(inputs), torch.from_numpy(targets))


@dataclass(frozen=True, kw_only=True)
class FaceSplit(Split[Tensor, Tensor]):
    """Pairs (N, 1, S, 2 S) with their two people and group; nobody is in two of the parts.

    Attributes:
        learned: people to learn from.
        aside: pairs of others, by which the threshold is set.
        unseen: people to test on.
    """

    learned: People
    aside: Examples[Tensor, Tensor]
    unseen: People


@dataclass(frozen=True, kw_only=True)
class FaceSettings:
    """What can be chosen about a training."""

    people: int = setting(1_000, "drawn people to learn from", low=4, high=20_000)
    pictures: int = setting(8, "pictures of each of them", low=2, high=64)
    unseen: int = setting(100, "drawn people to test on", low=4, high=2_000)
    split_seed: int = setting(0, "decides which people are unseen", low=0, high=LARGEST_SEED)
    steps: int = setting(800, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_people: int = setting(32, "people in a minibatch", low=2, high=MOST_EXAMPLES)
    batch_pictures: int = setting(4, "pictures of each of them in it", low=2, high=64)
    channels: tuple[int, ...] = setting(
        (16, 32, 64), "filters of each convolution", low=1, high=1024, count=(1, min(4, DEEPEST))
    )
    embedding: int = setting(64, "numbers that a face becomes", low=2, high=WIDEST)
    temperature: float = setting(
        0.1, "of the contrastive loss: the smaller, the more the nearest strangers count", low=0.01, high=2
    )
    learning_rate: float = setting(
        0.003, "largest step size of AdamW; it rises, then falls to 0 along a cosine", above=0, high=10
    )


class FaceVerification(Task[Any, Tensor, NDArray[np.float32]]):
    """A task that tells whether two faces are one person's."""

    metric: ClassVar[Metric] = EQUAL_ERROR
    says: ClassVar[str] = "it is wrong about **{value}** of {count} unseen {things}"
    says_other: ClassVar[str] = "{name} about **{value}**"
    split_settings: ClassVar[Collection[str] | None] = ("people", "pictures", "unseen", "split_seed")
    tiny: ClassVar[Mapping[str, Any]] = {
        "people": 80, "unseen": 24, "steps": 60, "batch_people": 16, "channels": (8, 16, 32),
    }  # fmt: skip
    code: ClassVar[Sequence[Any]] = (
        FaceNetwork,
        supervised_contrastive,
        synthetic_faces.pictures,
        Eigenfaces,
    )

    def load(self, settings: FaceSettings, source: str | None) -> FaceSplit:
        """Drawn people, those of a public set, or a folder with a folder of pictures for each person.

        Raises:
            UserError: there is no such set or folder, or too few people are in it.
        """
        found = named(self.sources, source)
        if found is not None and found.public:
            return real(
                named_pictures.load(found.name, synthetic_faces.SIDE, settings.split_seed),
                settings.split_seed,
            )
        if found is not None:
            return drawn(settings)
        folder = typed_path(str(source))
        if not folder.is_dir():
            raise unknown(self.sources, str(source))
        pictures = image_folder.load(folder, synthetic_faces.SIDE, settings.split_seed)
        return real(pictures, settings.split_seed)

    def prepare(
        self, settings: FaceSettings, split: Split[Tensor, Any], *, seed: int, device: torch.device
    ) -> Training:
        """A convolutional network learns with AdamW that pictures of one person belong together."""
        assert isinstance(split, FaceSplit)
        keywords = {
            "side": split.learned.faces.shape[2],
            "channels": tuple(settings.channels),
            "embedding": settings.embedding,
        }
        model = FaceNetwork(**keywords).to(device)
        torch.nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
        learner = Supervised(
            model,
            torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, weight_decay=1e-3),
            partial(supervised_contrastive, temperature=settings.temperature),
            schedule=warmup_cosine(settings.steps),
            augment=None if split.about.synthetic else flip,
            settle=partial(set_threshold, aside=split.aside),
        )
        batches = PeopleBatches(
            torch.from_numpy(split.learned.faces).to(device),
            split.learned.whose,
            count=settings.batch_people,
            each=settings.batch_pictures,
            seed=seed,
        )
        return Training(
            learner=learner,
            predictor=FaceVerifier(model),
            batches=batches,
            total=settings.steps,
            meta={"network": keywords, "data": split.about.name},
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> FaceVerifier:
        """The network of a checkpoint."""
        model = FaceNetwork(**meta["network"])
        model.load_state_dict(dict(tensors))
        return FaceVerifier(model.eval())

    def aside(self, settings: FaceSettings, split: Split[Tensor, Any]) -> Examples[Tensor, Any]:
        """Pairs of people who are neither learned from nor tested on."""
        assert isinstance(split, FaceSplit)
        return split.aside

    def measure(
        self, predictor: Predictor[Any, Any], examples: Examples[Tensor, Any]
    ) -> Mapping[str, Scores]:
        """See `verification_scores`."""
        distances = np.asarray(predictor.predict(examples.inputs), np.float64)[:, 0]
        return verification_scores(distances, np.asarray(examples.targets))

    def baselines(self, settings: FaceSettings, split: Split[Tensor, Any]) -> Mapping[str, Pixels]:
        """Eigenfaces, and pixels."""
        assert isinstance(split, FaceSplit)
        pair = FacePair(tuple(split.test.inputs.shape[1:]))
        return {
            "eigenfaces": Eigenfaces(split.learned.faces, split.aside, pair),
            "pixels": Pixels(split.aside, pair),
        }


def set_threshold(model: nn.Module, aside: Examples[Tensor, Any]) -> None:
    """Put the threshold where as many pairs kept aside are wrong either way."""
    assert isinstance(model, FaceNetwork)
    targets = np.asarray(aside.targets)
    found = FaceVerifier(model).predict(aside.inputs)[:, 0]
    model.threshold.fill_(rates(found, targets[:, 0] == targets[:, 1]).threshold)


def drawn(settings: FaceSettings) -> FaceSplit:
    """People who do not exist, drawn by numbers."""
    aside = max(10, settings.people // 10)
    parts = [
        synthetic_faces.draw(count, settings.pictures, np.random.default_rng((settings.split_seed, part)))
        for part, count in enumerate((settings.people, aside, settings.unseen))
    ]
    learned, kept, unseen = (People(one.pictures, one.people, one.glasses) for one in parts)
    about = About("drawn faces", "pairs of faces", synthetic=True)
    return parted(learned, kept, unseen, about, settings.split_seed)


def real(found: LabelledImages, seed: int) -> FaceSplit:
    """People who exist, a class for each; a third of them is unseen.

    Raises:
        UserError: there are too few.
    """
    faces = torch.cat([found.train_images, found.test_images]).mean(1, keepdim=True).numpy()
    everybody = People(faces, torch.cat([found.train_labels, found.test_labels]).numpy())
    count = len(found.classes)
    if count < LEAST_PEOPLE:
        raise UserError(
            f"{found.name} has {count} people; at least {LEAST_PEOPLE} are needed, since those who are "
            "tested are not learned from."
        )
    order = np.random.default_rng(seed).permutation(count)
    unseen = max(2, round(UNSEEN * count))
    aside = max(2, round(ASIDE * (count - unseen)))
    tested, kept, learned = (everybody.of(one) for one in np.split(order, [unseen, unseen + aside]))
    about = About(found.name, "pairs of faces", found.source, notes=found.notes)
    return parted(learned, kept, tested, about, seed)


def parted(learned: People, aside: People, unseen: People, about: About, seed: int) -> FaceSplit:
    """A split of people into pairs."""
    few = replace(learned, glasses=None).of(np.unique(learned.whose)[:100])
    return FaceSplit(
        train=few.pairs(seed),
        test=unseen.pairs(seed),
        about=about,
        learned=learned,
        aside=aside.pairs(seed),
        unseen=unseen,
    )
