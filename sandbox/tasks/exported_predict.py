"""Answer questions about files with the exported network: `python predict.py FILE ...`.

Needs what requirements.txt names, and nothing else. Prints one JSON object: an answer for each file, or for
each row of a table. A network that makes something new takes no files: `python predict.py --save FOLDER`
writes what it makes.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "lib"))

import torch  # noqa: E402
from safetensors.torch import load_file  # noqa: E402


def predictor():
    """The network with all that reads inputs and says what answers mean."""
    about = json.loads((HERE / "model.json").read_text(encoding="utf-8"))
    task = importlib.import_module(f"apps.{about['task'].replace('/', '.')}").TASK
    found = task.predictor(load_file(HERE / "model.safetensors"), about["meta"])
    if (HERE / "model.onnx").exists():
        found.model = OnnxNetwork(HERE / "model.onnx")
    return found


class OnnxNetwork(torch.nn.Module):
    """The exported graph in the place of the network."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        runtime = importlib.import_module("onnxruntime")
        self.session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def forward(self, inputs: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, ...]:
        """What the graph makes of a batch; a tuple if it answers in several ways."""
        name = self.session.get_inputs()[0].name
        found = [torch.from_numpy(one) for one in self.session.run(None, {name: inputs.numpy()})]
        return tuple(found) if len(found) > 1 else found[0]


def answers(found, file: Path) -> dict:
    """The answer to a file, or those to each of its rows, by name."""
    kind = found.input
    raw = kind.read(file)
    if hasattr(kind, "encode_all"):
        batch = kind.encode_all(raw)
    else:
        value = kind.encode(raw)
        batch = value[None] if hasattr(value, "shape") else [value]
    made = found.predict(batch)
    names = [file.name] if len(made) == 1 else [f"{file.name}, row {i + 1}" for i in range(len(made))]
    return dict(zip(names, made, strict=True))


def main() -> int:
    """Reads the command line, prints the answers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--save", type=Path, help="a folder: write each answer into a file of its own there")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn, where there are no files")
    parser.add_argument("--count", type=int, default=8, help="how many are drawn")
    given = parser.parse_args()
    torch.set_num_threads(1)  # sums are added up in the same order everywhere
    found, said, problems = predictor(), {}, {}
    if not found.input.files:
        made = found.predict(found.input.draw(given.count, given.seed))
        said = {f"sample {i + 1}": one for i, one in enumerate(made)}
    elif not given.files:
        parser.error(f"it needs at least one file; it takes {found.input.files}.")
    for file in given.files:
        try:
            said |= answers(found, file)
        except Exception as error:
            if not getattr(type(error), "user_error", False):
                raise
            problems[file.name] = str(error)
    if given.save is not None:
        given.save.mkdir(parents=True, exist_ok=True)
        for i, one in enumerate(said.values()):
            found.output.save(one, given.save, f"answer-{i + 1}")
    told = {name: found.output.to_json(one) for name, one in said.items()}
    print(json.dumps({"predictions": told} | ({"problems": problems} if problems else {})))
    return 2 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
