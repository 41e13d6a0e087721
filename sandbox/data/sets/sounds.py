"""Recordings: spoken digits, spoken commands, sounds of the world around."""

from sandbox.data.named_set import NamedSet
from sandbox.data.remote_file import RemoteFile

RECORDINGS = "recordings"

SETS = (
    NamedSet(
        name="free-spoken-digits",
        title="Free Spoken Digit Dataset",
        about="Recordings of the ten digits in English at 8 kHz, 50 of each by each speaker (version 1.0.9).",
        kind=RECORDINGS,
        licence="CC BY-SA 4.0",
        citation="Jackson et al. 2018, Free Spoken Digit Dataset v1.0.9 (Zenodo 1342401)",
        homepage="https://github.com/Jakobovski/free-spoken-digit-dataset",
        files=(
            # Size and checksum as in TensorFlow Datasets.
            RemoteFile(
                "free-spoken-digit-dataset-1.0.9.tar.gz",
                ("https://github.com/Jakobovski/free-spoken-digit-dataset/archive/v1.0.9.tar.gz",),
                "sha256:8bc44cde129d505cbbb6b365c09f80c663f2aa77578afc634e6141a2f87100c0",
                11_975_353,
            ),
        ),
        unpacked=100 * 10**6,
        inside="free-spoken-digit-dataset-1.0.9/recordings",
    ),
    NamedSet(
        name="speech-commands-mini",
        title="Speech Commands, the small set",
        about="8,000 recordings of a second at 16 kHz: 8 words, each said 1,000 times by many people.",
        kind=RECORDINGS,
        licence="CC BY 4.0",
        citation="Warden 2018, Speech Commands (arXiv 1804.03209)",
        homepage="https://www.tensorflow.org/tutorials/audio/simple_audio",
        files=(
            # Its makers publish no checksum; several projects, independent of each other, give this one.
            RemoteFile(
                "mini_speech_commands.zip",
                ("https://storage.googleapis.com/download.tensorflow.org/data/mini_speech_commands.zip",),
                "sha256:49650f2341b26d886b46b3f4fb8fed59e30300b17550f1ee4a768b3106cf93a0",
                182_082_353,
            ),
        ),
        unpacked=400 * 10**6,
        inside="mini_speech_commands",
    ),
    NamedSet(
        name="esc50",
        title="ESC-50",
        about="2,000 recordings of 5 seconds of environmental sound in 50 classes; ESC-10 is a part.",
        kind=RECORDINGS,
        licence="CC BY-NC 3.0: not for commercial use; the part ESC-10 is CC BY 3.0",
        citation="Piczak 2015, ESC: dataset for environmental sound classification (ACM Multimedia)",
        homepage="https://github.com/karolpiczak/ESC-50",
        files=(RemoteFile("esc50.zip", ("https://github.com/karoldvl/ESC-50/archive/master.zip",)),),
        roughly=645_000_000,
        unpacked=2 * 10**9,
        inside="ESC-50-master",
    ),
)
