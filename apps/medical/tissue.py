"""Tell malignant from benign by measurements of cell nuclei, or sort the rows of your own table.

The default is scikit-learn's copy of the Wisconsin table: 30 measurements of the nuclei in each of 569
samples of breast tissue. They are real, of one hospital around 1992. Not for clinical use.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sandbox.data import class_table
from sandbox.data.class_table import ClassTable
from sandbox.tasks.families.tabular import OWN_TABLE, Tabular, TabularSettings
from sandbox.tasks.source import OwnData, Source


class Tissue(Tabular):
    """Rows of a table into classes, with an MLP or an RBFN."""

    title = "Can a network tell malignant tissue by its nuclei?"
    method = "measurements of nuclei"
    says: ClassVar[str] = (
        "it reaches **{value}** on {count} unseen {things}, each class counting the same; not for "
        "clinical use"
    )
    presets: ClassVar[Mapping[str, TabularSettings]] = {
        "mlp": TabularSettings(),
        "rbfn": TabularSettings(block="rbfn", learning_rate=0.02),
    }
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 100}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "nuclei",
            "cell nuclei of breast tissue",
            "569 samples of breast tissue from one hospital, with 30 measurements of their cell nuclei each.",
        ),
        OWN_TABLE,
    )

    def load_named(self, settings: TabularSettings, source: Source) -> ClassTable:
        """The Wisconsin table."""
        return class_table.breast_cancer(settings.split_seed)


TASK = Tissue()
