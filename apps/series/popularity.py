"""How far will it go? The rest of a curve of popularity from its first days.

A denoising autoencoder learns whole curves of which all days behind a random one are hidden, and so completes
one from its first days. The curves that are built in are synthetic: cascades in which every event begets
others. Your own are a CSV file with a column for each curve (views so far, by the day), all equally long.

Measured on 26 November 2026 with the default, synthetic cascades, seeds 0, 1 and 2, one core: errors of the
logarithm 0.157, 0.157 and 0.158 [0.145, 0.171], linear regression 0.164, mean growth 0.207.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sandbox.baselines import growth
from sandbox.baselines.forecasts import WithBand
from sandbox.blocks.autoencoder import Autoencoder
from sandbox.data import cascades
from sandbox.data.batches import ShuffledBatches
from sandbox.data.curve_table import read_curves
from sandbox.errors import UserError
from sandbox.files import typed_path
from sandbox.metrics.forecast import forecast_scores
from sandbox.metrics.scores import Metric, PerExample, Scores
from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.families.forecasting import Forecaster
from sandbox.tasks.inputs.series import Series
from sandbox.tasks.loading import settings_from
from sandbox.tasks.outputs.forecast import LEVELS, MIDDLE, Forecast
from sandbox.tasks.predictor import Predictor, batched
from sandbox.tasks.source import OwnData, Source, named, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.averaging import Averaged
from sandbox.training.schedules import warmup_cosine

TESTED = 600
UNSEEN, KEPT = 0.25, 0.2
"""Share of own curves that are unseen, and of the others that are kept aside."""
LEAST = 40
LOG_ERROR = Metric(
    "log_error",
    "error of the logarithm",
    higher_is_better=False,
    digits=3,
    help="Mean absolute error of the natural logarithm over all days that follow: 0.1 is about 10 % off.",
    log=True,
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be chosen about a training."""

    seen: int = setting(7, "first days that are known", low=1, high=1000)
    days: int = setting(60, "days of a made curve", low=4, high=400)
    curves: int = setting(3000, "made curves to learn from", low=40, high=100_000)
    code: int = setting(16, "numbers that a curve is squeezed through", low=1, high=256)
    hidden: tuple[int, ...] = setting(
        (128,),
        "widths of the encoder's layers; the decoder mirrors them",
        low=1,
        high=WIDEST,
        count=(0, DEEPEST),
    )
    split_seed: int = setting(0, "decides which curves are made, or unseen", low=0, high=LARGEST_SEED)
    steps: int = setting(800, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "curves in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(0.002, "largest step size of AdamW; it falls to 0", above=0, high=10)

    def check_together(self) -> None:
        """Refuse to know the whole curve.

        Raises:
            UserError: there would be nothing to tell.
        """
        if self.seen >= self.days:
            raise UserError(f"seen must be less than days, {self.days}, not {self.seen}.")


@dataclass(frozen=True, kw_only=True)
class CurveSplit(Split[Tensor, Tensor]):
    """First days (N, S, 1) of curves with the other days (N, H, 1), log(1 + count), scaled.

    Attributes:
        kept: curves that were kept aside, to measure the band by.
        input: how the first days are read.
    """

    kept: Examples[Tensor, Tensor]
    input: Series


class Completion(nn.Module):
    """A denoising autoencoder over a curve beside the level it has reached, where days behind one are hidden.

    x = [curve - its last known day, or 0 where it is hidden;  level of the known days, or 0]

    Attributes:
        network: the autoencoder, over 2 D numbers; the first D of its answer are the whole curve.
        band: (H, 3), quantiles of its errors on curves kept aside, less the middle one.
    """

    band: Tensor

    def __init__(self, seen: int, days: int, code: int, hidden: Sequence[int]) -> None:
        super().__init__()
        self.seen, self.days = seen, days
        self.network = Autoencoder(2 * days, code, hidden=hidden, activation="gelu")
        self.register_buffer("band", torch.zeros(days - seen, len(LEVELS)))

    def complete(self, curves: Tensor, known: Tensor) -> Tensor:
        """Whole curves (B, D) from their first `known` (B,) days; those behind are not looked at."""
        there = torch.arange(self.days, device=curves.device) < known[:, None]
        last = curves.gather(1, known[:, None] - 1)
        shown = torch.cat([torch.where(there, curves - last, 0.0), torch.where(there, last, 0.0)], 1)
        return self.network(shown)[:, : self.days] + last

    def forward(self, first: Tensor) -> Tensor:
        """Quantiles (B, H, 1, Q) of the other days for the first days (B, S, 1)."""
        curves = nn.functional.pad(first[..., 0], (0, self.days - self.seen))
        known = torch.full((len(first),), self.seen, device=first.device)
        rest = self.complete(curves, known)[:, self.seen :]
        return (rest[..., None] + self.band)[:, :, None]


class Hiding(nn.Module):
    """Learns to complete curves from a random number of days; half of the time from as many as are asked for.

    Attributes:
        completion: what learns.
    """

    def __init__(self, completion: Completion) -> None:
        super().__init__()
        self.completion = completion

    def forward(self, curves: Tensor) -> Tensor:
        """Whole curves (B, D) as they are completed."""
        known = torch.randint(1, self.completion.days, (len(curves),), device=curves.device)
        asked = torch.rand(len(curves), device=curves.device) < 0.5
        return self.completion.complete(curves, torch.where(asked, self.completion.seen, known))


class Popularity(Task[Settings, Tensor, NDArray[np.float32]]):
    """The rest of a curve, by a denoising autoencoder."""

    title = "How far will it go?"
    method = "popularity"
    metric: ClassVar[Metric] = LOG_ERROR
    says: ClassVar[str] = "the logarithm is off by **{value}** on average, over {count} unseen {things}"
    says_other: ClassVar[str] = "{name} by **{value}**"
    live: ClassVar[int] = 300
    spoilt: ClassVar[int] = 300
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 150, "curves": 200, "days": 20, "seen": 5}
    presets: ClassVar[Mapping[str, Settings]] = {"fast": Settings(), "few": Settings(curves=300)}
    preset_titles: ClassVar[Mapping[str, str]] = {"few": "few curves"}
    code: ClassVar[Sequence[Any]] = (Completion, Hiding)
    split_settings: ClassVar[Collection[str] | None] = ("seen", "days", "curves", "split_seed")
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source("cascades", "synthetic cascades", "Made cascades (Hawkes 1971).", synthetic=True),
        OwnData(
            "my own curves",
            "A CSV file with a column for each curve and a row for each day: how often it was seen so far.",
            files=(".csv", ".txt", ".tsv"),
            things="curves",
        ),
    )

    def load(self, settings: Settings, source: str | None) -> CurveSplit:
        """Made cascades, or the columns of a file; whole curves are unseen, never parts of one.

        Raises:
            UserError: the file has too few or too short curves, or one that falls.
        """
        if named(self.sources, source) is not None:
            sizes = (settings.curves, max(100, settings.curves // 5), TESTED)
            parts = [
                cascades.made(n, settings.days, 3 * settings.split_seed + i) for i, n in enumerate(sizes)
            ]
            return _split_of(parts, settings, About("synthetic cascades", "curves", synthetic=True))
        path = typed_path(str(source))
        if not path.is_file():
            raise unknown(self.sources, str(source))
        curves = read_curves(path, settings.seen, LEAST)
        order = np.random.default_rng(settings.split_seed).permutation(len(curves))
        test, rest = np.split(order, [int(UNSEEN * len(order))])
        kept, train = np.split(rest, [max(1, int(KEPT * len(rest)))])
        return _split_of([curves[train], curves[kept], curves[test]], settings, About(path.name, "curves"))

    def aside(self, settings: Settings, split: Any) -> Examples[Any, Any]:
        """Curves that give the band its width."""
        return split.kept

    def prepare(self, settings: Settings, split: Any, *, seed: int, device: torch.device) -> Training:
        """The autoencoder learns with AdamW and absolute errors; curves kept aside give its band."""
        whole = torch.cat([split.train.inputs, split.train.targets], 1)[..., 0].to(device)
        model = Hiding(_completion(settings, whole.shape[1])).to(device)
        learner = Averaged(
            model,
            torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, weight_decay=0.01),
            nn.functional.l1_loss,
            schedule=warmup_cosine(settings.steps),
            clip=1.0,
            decay=0.99,
            settle=lambda averaged: settle(averaged.get_submodule("completion"), split.kept),
        )
        completion = learner.averaged.get_submodule("completion")
        return Training(
            learner=learner,
            predictor=Forecaster(completion, split.input, Forecast(split.test.targets.shape[1], split.input)),
            batches=ShuffledBatches(whole, whole, batch_size=settings.batch_size, seed=seed),
            total=settings.steps,
            threads=1 if device.type == "cpu" else None,
            meta={"settings": asdict(settings), "input": asdict(split.input), "days": whole.shape[1]},
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Forecaster:
        """The network of a checkpoint."""
        settings, days = settings_from(self, meta["settings"]), int(meta["days"])
        model, input = Hiding(_completion(settings, days)), Series(**meta["input"])
        model.load_state_dict(dict(tensors))
        return Forecaster(model.completion.eval(), input, Forecast(days - settings.seen, input))

    def measure(self, predictor: Predictor[Any, Any], examples: Examples[Any, Any]) -> Mapping[str, Scores]:
        """`log_error` over all days, `final_log_error` of the last one, and the share of days in the band."""
        outputs, targets = np.asarray(predictor.predict(examples.inputs)), np.asarray(examples.targets)
        unit = float(np.asarray(getattr(predictor.input, "deviation", 1.0)).ravel()[0])
        last = np.abs(outputs[:, -1, 0, MIDDLE] - targets[:, -1, 0])
        found = forecast_scores(outputs, targets, LEVELS, MIDDLE)
        every: Any = found["mae"]
        return {
            "log_error": PerExample(unit * every.values),
            "final_log_error": PerExample(unit * last),
            "coverage": found["coverage"],
        }

    def baselines(self, settings: Settings, split: Any) -> Mapping[str, Predictor[Any, Any]]:
        """A straight map of the first days, the ten most similar curves, and the mean growth."""
        first, rest = (np.asarray(part)[..., 0] for part in (split.train.inputs, split.train.targets))
        ways = {
            "linear regression": growth.straight_map(first, rest),
            "ten most similar curves": growth.most_similar(first, rest),
            "mean growth": growth.mean_growth(first, rest),
        }
        output = Forecast(rest.shape[1], split.input)
        return {name: WithBand(_of_one(way), split.kept, split.input, output) for name, way in ways.items()}


def settle(completion: Any, kept: Examples[Tensor, Tensor]) -> None:
    """Measure the band of a network by its errors on curves that were kept aside."""
    completion.band.zero_()
    middle = batched(completion, kept.inputs)[:, :, 0, MIDDLE]
    found = torch.quantile(kept.targets[..., 0] - middle, torch.tensor(LEVELS), 0).T
    completion.band.copy_(found - found[:, MIDDLE, None])


def _of_one(way: Callable[[NDArray[Any]], NDArray[Any]]) -> Callable[[NDArray[Any]], NDArray[Any]]:
    return lambda inputs: way(inputs[..., 0])[..., None]


def _completion(settings: Settings, days: int) -> Completion:
    return Completion(settings.seen, days, settings.code, settings.hidden)


def _split_of(parts: Sequence[NDArray[np.float64]], settings: Settings, about: About) -> CurveSplit:
    told = np.log1p(parts[0])
    mean, deviation = float(told.mean()), float(told.std()) or 1.0
    seen = settings.seen
    input = Series(
        length=seen, names=("so far",), mean=(mean,), deviation=(deviation,), logarithm=True, step="day"
    )
    train, kept, test = (
        Examples(*torch.from_numpy(input.scaled(part[..., None])).split([seen, part.shape[1] - seen], 1))
        for part in parts
    )
    return CurveSplit(train=train, kept=kept, test=test, about=about, input=input)


TASK = Popularity()
