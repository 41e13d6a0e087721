"""Molecules: to design like them, or to tell their properties. Each address names a commit."""

from sandbox.data.named_set import NamedSet
from sandbox.data.remote_file import RemoteFile

GITHUB = "https://raw.githubusercontent.com"
DEEPCHEM = f"{GITHUB}/deepchem/deepchem/fbe3b911a94a6eb8c84c1a9e7ac67a472c49ea80/datasets"

SETS = (
    NamedSet(
        name="zinc-24k",
        title="ZINC, 24,445 molecules",
        about="24,445 molecules that can be bought, a part of ZINC 250k.",
        kind="molecules",
        licence="MIT repository; ZINC is free to use for everyone",
        citation="Irwin et al. 2012, ZINC; the part of Jin et al. 2018, Junction tree VAE (ICML)",
        homepage="https://github.com/wengong-jin/icml18-jtnn",
        files=(
            RemoteFile(
                "valid.txt",
                (
                    f"{GITHUB}/wengong-jin/icml18-jtnn/d4c425a8a28fce7d0e8f5da741d27d3fce4a7ec0/data/zinc/valid.txt",
                ),
                "sha256:ad7d9c2bfebd93ffda6c32ed0e89d1714ae1f592f6340c0e6ae057521bbae30d",
                1_106_144,
            ),
        ),
    ),
    NamedSet(
        name="esol",
        title="ESOL, solubility in water",
        about="1,128 molecules with their measured solubility.",
        kind="molecules",
        licence="MIT repository",
        citation="Delaney 2004, ESOL: estimating aqueous solubility directly from molecular structure",
        homepage="https://github.com/deepchem/deepchem",
        files=(
            RemoteFile(
                "delaney-processed.csv",
                (f"{DEEPCHEM}/delaney-processed.csv",),
                "sha256:8c06a76f0c6487d29ab0f903e6a7a7139f189ab3c1178f159c8be8964602f189",
                96_699,
            ),
        ),
    ),
    NamedSet(
        name="tox21",
        title="Tox21, toxicity in twelve assays",
        about="8,014 molecules, each tested in some of twelve assays.",
        kind="molecules",
        licence="MIT repository; data of the United States' government, public domain",
        citation="Huang et al. 2016, Tox21Challenge to build predictive models of nuclear receptor pathways",
        homepage="https://github.com/deepchem/deepchem",
        files=(
            RemoteFile(
                "tox21.csv.gz",
                (f"{DEEPCHEM}/tox21.csv.gz",),
                "sha256:48b34e4e59a2bae6f95734cd206c1869ab355f50a5e50bb7371a21f861d5e297",
                125_310,
            ),
        ),
    ),
)
