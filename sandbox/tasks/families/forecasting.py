"""Series, many steps ahead: quantiles of all of them at once, learned from windows of the past."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sandbox.baselines import forecasts
from sandbox.data.batches import ShuffledBatches
from sandbox.data.series_windows import period, windows
from sandbox.errors import UserError
from sandbox.metrics.forecast import MSE, forecast_scores, pinball
from sandbox.metrics.scores import Metric, Scores
from sandbox.settings import DEEPEST, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.families.forecast_network import Block, ForecastNetwork
from sandbox.tasks.inputs.series import Series
from sandbox.tasks.loading import settings_from
from sandbox.tasks.outputs.forecast import LEVELS, MIDDLE, Forecast
from sandbox.tasks.predictor import Predictor, batched
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.averaging import Averaged
from sandbox.training.early_stopping import EarlyStopping
from sandbox.training.schedules import warmup_cosine

LONGEST = 2_000
LOOKS, PATIENCE = 20, 5
"""How often a training looks at the windows kept aside, and how many looks without a better one it waits."""
LOOKED_AT, CALIBRATED = 500, 1_000
"""Windows kept aside that say when to stop, and that the band is stretched by."""


@dataclass(frozen=True, kw_only=True)
class ForecastSettings:
    """What can be chosen about a training."""

    block: Block = setting("mlp", "what reads the past beside a straight map; `linear` for nothing beside it")
    length: int = setting(96, "time steps that are read", low=2, high=LONGEST)
    horizon: int = setting(24, "time steps that are forecast", low=1, high=LONGEST)
    columns: str = setting(
        "", "names of columns in your file, with commas between them; `all`; by default the last of numbers"
    )
    hidden: int = setting(128, "width of the block", low=1, high=WIDEST)
    depth: int = setting(2, "layers of the block", low=1, high=DEEPEST)
    dropout: float = setting(0.1, "chance of zeroing a feature while training", low=0, below=1)
    steps: int = setting(1500, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "windows in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(0.002, "largest step size of AdamW; it falls to 0", above=0, high=10)
    weight_decay: float = setting(0.01, "pull of the weights towards zero", low=0, high=10)


@dataclass(frozen=True, kw_only=True)
class SeriesData:
    """Series to forecast.

    Attributes:
        values: (N, V), in their own units.
        names: of the series.
        about: where they come from.
        places: where the part kept aside and the unseen part begin, and where that ends.
        step: what one step is.
    """

    values: NDArray[np.float64]
    names: Sequence[str]
    about: About
    places: tuple[int, int, int]
    step: str = "step"


@dataclass(frozen=True, kw_only=True)
class ForecastSplit(Split[Tensor, Tensor]):
    """Windows (N, T, V) with what follows (N, H, V), scaled by the training part.

    Attributes:
        kept: windows between those that are learned from and the unseen ones.
        input: how a window is read.
        period: steps after which the training part repeats itself; 1 if it does not.
    """

    kept: Examples[Tensor, Tensor]
    input: Series
    period: int


class Forecaster:
    """A trained network.

    Attributes:
        model: quantiles (B, H, V, Q) of windows (B, T, V).
        input: how a window is read.
        output: what is forecast.
    """

    def __init__(self, model: nn.Module, input: Series, output: Forecast) -> None:
        self.model, self.input, self.output = model, input, output

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """Quantiles (N, H, V, Q) for windows (N, T, V)."""
        return batched(self.model, torch.as_tensor(np.asarray(inputs, np.float32)), 200).numpy()


class Forecasting(Task[Any, Tensor, NDArray[np.float32]]):
    """A task that forecasts series; `series` says its data."""

    metric: ClassVar[Metric] = MSE
    says: ClassVar[str] = "its mean squared error is **{value}** over {count} unseen {things}"
    says_other: ClassVar[str] = "{name} has **{value}**"
    live: ClassVar[int] = 200
    spoilt: ClassVar[int] = 150
    code: ClassVar[Sequence[Any]] = (ForecastNetwork, pinball)

    @abstractmethod
    def series(self, settings: Any, source: str | None) -> SeriesData:
        """The series of a source, or of a file.

        Raises:
            UserError: it cannot be used; says why.
        """

    def load(self, settings: Any, source: str | None) -> ForecastSplit:
        """The windows of the series, split by time; see `sandbox.data.series_windows`.

        Raises:
            UserError: it cannot be used, is too short, or has the same number everywhere.
        """
        data = self.series(settings, source)
        learned = data.values[: data.places[0]]
        mean, deviation = learned.mean(0), learned.std(0)
        if not (deviation > 1e-9 * (1 + np.abs(mean))).all():
            still = data.names[int(np.argmin(deviation))]
            raise UserError(
                f"{data.about.name}: {still} has the same number everywhere in the training part."
            )
        scaled = torch.from_numpy(((data.values - mean) / deviation).astype(np.float32))
        parts = windows(scaled, settings.length, settings.horizon, data.places, data.about.name)
        return ForecastSplit(
            train=parts.train,
            test=parts.test,
            kept=parts.aside,
            about=data.about,
            input=Series(
                length=settings.length,
                names=tuple(data.names),
                mean=tuple(mean.tolist()),
                deviation=tuple(deviation.tolist()),
                step=data.step,
            ),
            period=period(scaled[: data.places[0]], settings.length),
        )

    def aside(self, settings: Any, split: Any) -> Examples[Any, Any]:
        """The windows between those learned from and the unseen ones."""
        return split.kept

    def prepare(self, settings: Any, split: Any, *, seed: int, device: torch.device) -> Training:
        """The network learns with AdamW; windows kept aside stop it early and stretch its band."""
        model = _network(settings).to(device)
        kept = split.kept.some(LOOKED_AT)
        looked, truth = kept.inputs.contiguous(), kept.targets.contiguous()
        levels = torch.tensor(LEVELS, device=device)
        learner = Averaged(
            model,
            torch.optim.AdamW(
                model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
            ),
            partial(loss, levels),
            schedule=warmup_cosine(settings.steps),
            clip=1.0,
            decay=0.98,
            settle=lambda network: settle(network, split.kept),
        )

        def validate() -> float:
            outputs = batched(learner.averaged, looked, 200)
            return float(loss(levels.cpu(), outputs, truth))

        return Training(
            learner=learner,
            predictor=Forecaster(learner.averaged, split.input, Forecast(settings.horizon, split.input)),
            batches=ShuffledBatches(
                split.train.inputs.to(device),
                split.train.targets.to(device),
                batch_size=settings.batch_size,
                seed=seed,
            ),
            total=settings.steps,
            threads=1 if device.type == "cpu" else None,  # these networks are too small for more
            stopping=EarlyStopping(validate, every=max(10, settings.steps // LOOKS), patience=PATIENCE),
            meta={"settings": asdict(settings), "input": asdict(split.input)},
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Forecaster:
        """The network of a checkpoint."""
        settings = settings_from(self, meta["settings"])
        model, input = _network(settings), Series(**meta["input"])
        model.load_state_dict(dict(tensors))
        return Forecaster(model.eval(), input, Forecast(settings.horizon, input))

    def measure(self, predictor: Predictor[Any, Any], examples: Examples[Any, Any]) -> Mapping[str, Scores]:
        """See `forecast_scores`; windows that overlap are drawn together for the intervals."""
        targets = np.asarray(examples.targets)
        outputs = np.asarray(predictor.predict(examples.inputs))
        return forecast_scores(outputs, targets, LEVELS, MIDDLE, block=targets.shape[1])

    def baselines(self, settings: Any, split: Any) -> Mapping[str, Predictor[Any, Any]]:
        """A straight map by least squares, Holt-Winters, and the season before again."""
        output, horizon = Forecast(settings.horizon, split.input), settings.horizon
        learned = split.train.some(forecasts.MOST_LEARNED)
        inputs, targets = np.asarray(learned.inputs), np.asarray(learned.targets)
        ways = {
            "linear regression": forecasts.straight(inputs, targets),
            "Holt-Winters": forecasts.holt_winters(inputs, targets, split.period),
            "the same season again": partial(forecasts.seasonal, horizon=horizon, period=split.period),
        }
        return {
            name: forecasts.WithBand(way, split.kept.some(forecasts.MOST_LEARNED), split.input, output)
            for name, way in ways.items()
        }


def loss(levels: Tensor, outputs: Tensor, targets: Tensor) -> Tensor:
    """The pinball loss of the quantiles, and the squared error of the middle one."""
    return pinball(outputs, targets, levels).mean() + 0.5 * (outputs[..., MIDDLE] - targets).square().mean()


def settle(network: Any, kept: Examples[Tensor, Tensor]) -> None:
    """Calibrate the band of a network by windows that were kept aside."""
    some = kept.some(CALIBRATED)
    network.stretch.fill_(1.0)
    outputs = batched(network, some.inputs, 200)
    independent = len(kept) / kept.targets.shape[1]  # those that begin within a horizon overlap
    network.calibrate(outputs.to(network.stretch), some.targets.to(network.stretch), independent)


def _network(settings: Any) -> ForecastNetwork:
    return ForecastNetwork(
        settings.block,
        settings.length,
        settings.horizon,
        hidden=settings.hidden,
        depth=settings.depth,
        dropout=settings.dropout,
    )
