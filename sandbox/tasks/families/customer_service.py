"""Answering customers, by intents and from documents: what every task of this kind shares."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.data import enquiries, labelled_texts
from sandbox.data.documents import Queries
from sandbox.data.enquiries import Enquiries
from sandbox.data.text_features import TextFeatures, hashed
from sandbox.metrics.classification import classification_scores
from sandbox.metrics.out_of_scope import at_threshold, out_of_scope_scores
from sandbox.metrics.retrieval import retrieval_scores
from sandbox.metrics.scores import PerExample, Scores
from sandbox.tasks.families.passage_network import PassageBatches, PassageNetwork
from sandbox.tasks.families.service_baseline import SimpleService, threshold_of
from sandbox.tasks.families.service_network import (
    Sayings,
    ServiceAgent,
    ServiceBatches,
    ServiceNetwork,
)
from sandbox.tasks.families.service_split import ServiceSplit, split_of
from sandbox.tasks.families.text_classification import TextClassification, network_of
from sandbox.tasks.families.text_network import BagBatches, TextNetwork
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source, located, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Training
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

OWN_FAQ = OwnData(
    "my own questions",
    "A Markdown file whose headings are questions, or a CSV file with columns `question` and `answer`, or "
    "with texts and labels.",
    files=(".md", ".csv", ".tsv", ".json"),
    things="questions",
)
ALARMS = 0.02
"""Share of the texts kept aside that are near enough to a passage although they are not about it."""


class CustomerService(TextClassification):
    """A task that answers customers; it says its data in `load_enquiries`."""

    split_settings: ClassVar[Collection[str] | None] = ("text_column", "label_column", "split_seed")
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 60, "embedding": 32, "places": 16}
    says: ClassVar[str] = "it understands **{value}** of {count} unseen {things} correctly"
    says_other: ClassVar[str] = "{name} understands **{value}**"
    sources: ClassVar[Sequence[Source | OwnData]] = (OWN_FAQ,)

    def load_enquiries(self, settings: Any, source: Source) -> tuple[Enquiries, About]:
        """One of the task's `sources` by name.

        Raises:
            UserError: it cannot be had.
        """
        raise NotImplementedError(f"{type(self).__name__} names {source.name} and does not load it")

    def load(self, settings: Any, source: str | None) -> ServiceSplit:
        """A named set, or a file of questions with answers or labels."""
        path, seed = located(self.sources, source), settings.split_seed
        if isinstance(path, Source):
            found, about = self.load_enquiries(settings, path)
        elif not path.exists():
            raise unknown(self.sources, str(source))
        else:
            if enquiries.is_faq(path):
                found = enquiries.from_faq(path, seed)
            else:
                texts = labelled_texts.load(path, settings.text_column, settings.label_column, seed)
                found = enquiries.without_answers(texts, seed)
            notes = (*found.texts.notes, *([found.note] if found.note else []))
            about = About(path.name, "questions", notes=notes)
        return split_of(found, about, seed)

    def aside(self, settings: Any, split: Any) -> Examples[Any, Any] | None:
        """What the threshold is chosen by."""
        return split.aside

    def prepare(self, settings: Any, split: Any, *, seed: int, device: torch.device) -> Training:
        """Find the features of the training texts, and build the network."""
        assert isinstance(split, ServiceSplit)
        counts = hashed(split.train.inputs)
        features = TextFeatures.of(counts)
        passages = None
        if split.searched is not None:
            passages = PassageBatches(
                split.searched, batch_size=settings.batch_size, seed=seed, device=device
            )
        sayings = split.sayings.encoded()
        meta = {
            "features": len(features.known),
            "classes": split.classes,
            "settings": network_of(settings),
            "search": None if passages is None else _search_of(settings, passages),
            "characters": len(sayings),
            "data": split.about.name,
        }
        model = _network(meta)
        model.sayings.copy_(sayings)
        model.intents.known.copy_(torch.from_numpy(features.known))
        model.intents.weights.copy_(torch.from_numpy(features.weights))
        if passages is not None and model.search is not None:
            passages.begin(model.search)
        model.to(device)
        agent = ServiceAgent(model, split.classes, split.sayings)

        def settle(_: nn.Module) -> None:
            model.threshold.fill_(threshold_of(agent, split.aside, settings.threshold_cost))
            if passages is not None and model.search is not None:
                passages.settle(model.search)
                model.near.fill_(_near(agent, split))

        return Training(
            learner=Supervised(
                model,
                torch.optim.AdamW(_rates(model, settings), lr=settings.learning_rate),
                _Loss(settings.label_smoothing),
                schedule=warmup_cosine(settings.steps),
                settle=settle,
            ),
            predictor=agent,
            batches=ServiceBatches(
                BagBatches(
                    features.bags(counts),
                    len(features.known),
                    split.train.targets,
                    batch_size=settings.batch_size,
                    seed=seed,
                    device=device,
                ),
                passages,
            ),
            total=settings.steps,
            threads=1 if device.type == "cpu" else None,
            meta=meta,
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Any:
        """The network of a checkpoint."""
        model = _network(meta)
        model.load_state_dict(dict(tensors))
        sayings = Sayings.decoded(model.sayings)
        passages = 0 if model.search is None else len(model.search.index)
        if (len(sayings.answers), len(sayings.passages)) != (len(meta["classes"]), passages):
            raise ValueError("it has not an answer for each intent and a place for each passage")
        return ServiceAgent(model.eval(), meta["classes"], sayings)

    def measure(self, predictor: Predictor[str, Any], examples: Examples[str, Any]) -> Mapping[str, Scores]:
        """See `classification_scores`, `out_of_scope_scores`, `at_threshold` and `retrieval_scores`.

        Of a network also `sent_to_documents`, the share of customers' texts that a passage answers instead of
        the intent, and `document_found`, the share of sentences of documents that some passage answers.
        """
        answerer: Any = predictor
        inside, labels = np.asarray(answerer.predict(examples.inputs)), np.asarray(examples.targets)
        texts = getattr(examples, "outside", ())
        outside = np.asarray(answerer.predict(texts)) if texts else inside[:0]
        found: dict[str, Scores] = classification_scores(inside, labels)
        found |= at_threshold(inside, labels, outside, answerer.threshold)
        if texts:
            found |= out_of_scope_scores(inside, outside)
        queries: Queries | None = getattr(examples, "queries", None)
        if queries is not None:
            found |= retrieval_scores(answerer.rank(queries.texts), np.asarray(queries.passages))
            if isinstance(answerer, ServiceAgent):
                near = {"sent_to_documents": examples.inputs, "document_found": queries.texts}
                found |= {name: PerExample(answerer.is_near(some) * 1.0) for name, some in near.items()}
        return found

    def baselines(self, settings: Any, split: Split[str, Any]) -> Mapping[str, Predictor[str, Any]]:
        """A linear support vector machine over the same features, and BM25 over the same passages."""
        assert isinstance(split, ServiceSplit)
        name = "tf-idf + linear SVM" + (" and BM25" if split.searched is not None else "")
        return {name: SimpleService(split, settings.threshold_cost)}


class _Loss:
    """Cross-entropy of intents, and of the passages that sentences were taken out of."""

    def __init__(self, smoothing: float) -> None:
        self.smoothing = smoothing

    def __call__(self, outputs: Any, targets: Any) -> Tensor:
        (scores, found), (labels, passages) = outputs, targets
        loss = F.cross_entropy(scores, labels, label_smoothing=self.smoothing)
        return loss if found is None else loss + F.cross_entropy(found, passages)


def _near(agent: ServiceAgent, split: ServiceSplit) -> float:
    """The nearness that few texts reach which are about something else; without such, most sentences."""
    assert split.searched is not None
    if split.aside_outside:
        texts = [*split.aside_outside, *split.aside.inputs]
        return float(np.quantile(agent.rank(texts).max(1), 1 - ALARMS))
    texts = split.searched.aside.texts or split.searched.train.texts
    return float(np.quantile(agent.rank(texts).max(1), ALARMS))


def _rates(model: ServiceNetwork, settings: Any) -> list[dict[str, Any]]:
    """Parameters by their learning rates."""
    groups: list[dict[str, Any]] = [{"params": list(model.intents.parameters())}]
    if (search := model.search) is not None:
        groups += [
            {"params": [search.vectors.weight], "lr": settings.turning_rate, "weight_decay": 0.0},
            {
                "params": [search.importance, search.scale],
                "lr": settings.importance_rate,
                "weight_decay": 0.0,
            },
        ]
    return groups


def _search_of(settings: Any, passages: PassageBatches) -> dict[str, Any]:
    """The arguments of `PassageNetwork`."""
    known = {"features": len(passages.features.known), "passages": len(passages.passages)}
    return {**known, "embedding": settings.places, "missing": settings.missing}


def _network(meta: Mapping[str, Any]) -> ServiceNetwork:
    intents = TextNetwork(int(meta["features"]), len(meta["classes"]), **meta["settings"])
    search = None if meta["search"] is None else PassageNetwork(**meta["search"])
    return ServiceNetwork(intents, search, int(meta["characters"]))
