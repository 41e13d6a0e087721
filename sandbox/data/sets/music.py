"""Music as notes. Each address names a commit."""

from sandbox.data.named_set import NamedSet
from sandbox.data.remote_file import RemoteFile

SETS = (
    NamedSet(
        name="jsb-chorales",
        title="chorales by Bach",
        about="382 chorales in up to four voices, a chord for each quarter note: 229 to learn from, 76 kept "
        "aside, 77 unseen.",
        kind="music",
        licence="The music is in the public domain; its encoders state no licence.",
        citation="Boulanger-Lewandowski, Bengio & Vincent 2012, Modeling temporal dependencies in "
        "high-dimensional sequences",
        homepage="https://github.com/czhuang/JSB-Chorales-dataset",
        files=(
            RemoteFile(
                "jsb-chorales-quarter.json",
                (
                    "https://raw.githubusercontent.com/czhuang/JSB-Chorales-dataset"
                    "/9a7f733ddb4ed91f48da64ac7f0f621c34aadd4d/jsb-chorales-quarter.json",
                ),
                "sha256:2db9329f1881a1d3f49703ec556bf1d6f84b4f6c1d702c156536e93cf31e1c91",
                407_200,
            ),
        ),
    ),
)
