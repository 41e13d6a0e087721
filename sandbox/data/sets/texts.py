"""Text: to write like it, or to tell what it wants. Each address names a commit."""

from sandbox.data.named_set import NamedSet
from sandbox.data.remote_file import RemoteFile

GITHUB = "https://raw.githubusercontent.com"

SETS = (
    NamedSet(
        name="tiny-shakespeare",
        title="tiny Shakespeare",
        about="1,115,394 characters of Shakespeare's plays.",
        kind="text",
        licence="public domain",
        citation="Karpathy 2015, The unreasonable effectiveness of recurrent neural networks",
        homepage="https://github.com/karpathy/char-rnn",
        files=(
            RemoteFile(
                "input.txt",
                (
                    f"{GITHUB}/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e"
                    "/data/tinyshakespeare/input.txt",
                    f"{GITHUB}/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
                ),
                "sha256:86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
                1_115_394,
            ),
        ),
    ),
    NamedSet(
        name="clinc150",
        title="CLINC150",
        about="23,700 questions to an assistant: 150 intents, and 1,200 that are none of them.",
        kind="text by class",
        licence="CC BY 3.0",
        citation="Larson et al. 2019, An evaluation dataset for intent classification (EMNLP)",
        homepage="https://github.com/clinc/oos-eval",
        files=(
            RemoteFile(
                "data_full.json",
                (f"{GITHUB}/clinc/oos-eval/828f8093932c8fe6ca7936c3d2e52903b1c523de/data/data_full.json",),
                "sha256:36923c3705a59e08fe9c3883d8bc2dd966ef93e22cb78ac41171782a698d56e0",
                2_495_390,
            ),
        ),
    ),
    NamedSet(
        name="banking77",
        title="banking77",
        about="13,083 questions of a bank's customers: 77 intents, much alike.",
        kind="text by class",
        licence="CC BY 4.0",
        citation="Casanueva et al. 2020, Efficient intent detection with dual sentence encoders",
        homepage="https://github.com/PolyAI-LDN/task-specific-datasets",
        files=tuple(
            RemoteFile(
                f"{part}.csv",
                (
                    f"{GITHUB}/PolyAI-LDN/task-specific-datasets"
                    f"/57ec275d8078af65b7731c2a98be812d844a6d6b/banking_data/{part}.csv",
                ),
                f"sha256:{checksum}",
                size,
            )
            for part, checksum, size in (
                ("train", "b06e26ac675513959a63135f11b94ea7786ed02da65db93a5650d8838cbc664b", 839073),
                ("test", "d12d6e3bc4c3103966ae786dc435913c0c563dfa328f5a3646d0e62cfeeb474d", 239961),
            )
        ),
    ),
    NamedSet(
        name="tatoeba-eng-fra",
        title="Tatoeba, English and French",
        about="5,000 short English sentences with a French translation each.",
        kind="sentence pairs",
        licence="CC BY 2.0 FR",
        citation="Tatoeba, tatoeba.org, as collected by manythings.org/anki; each line names its authors",
        homepage="https://www.manythings.org/anki/",
        files=(
            RemoteFile(
                "eng-fra.txt",
                (
                    f"{GITHUB}/NJUxlj/seq2seq-attention-translation"
                    "/b20755b1c81f2d82526ab967dbc8ec6465f22f14/data/eng-fra.txt",
                ),
                "sha256:d952b56a181da5270b7bb4ded3f3bbe61e67a9b1de0e0fbc1d46438c71fb55a7",
                562_864,
            ),
        ),
    ),
)
