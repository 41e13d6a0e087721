"""The script of `vision/classify`: plain torch over a block."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.data import idx
from sandbox.tasks.families.picture_network import NETWORKS
from sandbox.tasks.script import Recipe, over_task


def script(recipe: Recipe) -> str:
    """Data, network, loop and figure in one file of torch; what is rarely chosen leaves them to the task."""
    settings = recipe.settings
    cpu = recipe.device == "cpu"
    usual = {"patience": 0, "accumulate": 1, "flips": "none", "aside": 0.0}
    size = min(recipe.meta["network"]["in_shape"][1:])
    in_float32 = settings.get("precision") == "float32" or (settings.get("precision") == "auto" and size < 16)
    in_folder = recipe.data in (None, "digits") or Path(recipe.data).expanduser().is_dir()
    named = all(str(name).isidentifier() for name in recipe.meta["network"])
    rare = any(settings.get(name) != value for name, value in usual.items())
    if not cpu or not in_folder or not named or not in_float32 or rare:
        return over_task(recipe)
    kind = NETWORKS[settings["block"]]
    return f'''"""Train a network as in {recipe.name}, and print what it reads right of the pictures held out.

With the model of the page beside it, {recipe.name}.safetensors, that one is measured instead.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from {kind.__module__} import {kind.__name__}
{_imports(recipe)}from sandbox.data.augment import jitter
from sandbox.data.batches import ShuffledBatches
from sandbox.training.schedules import schedule

WEIGHTS = Path(__file__).with_name({recipe.name + ".safetensors"!r})

torch.manual_seed({recipe.seed})
data = {_load(recipe)}
model = {kind.__name__}(
{_keywords(recipe.meta["network"])})
torch.nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)  # faster
optimizer = torch.optim.AdamW(
    model.parameters(),
    lr={settings["learning_rate"]!r},
    weight_decay={settings["weight_decay"]!r},
    fused=True,
)
rate = schedule({settings["schedule"]!r}, {settings["steps"]!r})
batches = ShuffledBatches(
    data.train_images, data.train_labels, batch_size={settings["batch_size"]!r}, seed={recipe.seed}
)
{_threads(recipe)}
if WEIGHTS.exists():
    model.load_state_dict(load_file(WEIGHTS))
else:
    for step in range({recipe.steps}):
        images, labels = batches(step)
        for group in optimizer.param_groups:
            group["lr"] = {settings["learning_rate"]!r} * rate(step)
{_augment(recipe)}        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels, label_smoothing={settings["label_smoothing"]!r})
        loss.backward()
{_clip(settings)}        optimizer.step()
        if (step + 1) % 100 == 0:
            print("step", step + 1, "loss", round(loss.item(), 4))

model.eval()
with torch.inference_mode():
    right = model(data.test_images).argmax(1) == data.test_labels
print(json.dumps({{"test_accuracy": right.double().mean().item()}}))
'''


def _imports(recipe: Recipe) -> str:
    return f"from sandbox.data import {_reader(recipe.data)}\n"


def _reader(data: str | None) -> str:
    if data in (None, "digits"):
        return "digits"
    return "idx" if idx.is_idx_folder(Path(data).expanduser()) else "image_folder"


def _load(recipe: Recipe) -> str:
    settings = recipe.settings
    match _reader(recipe.data):
        case "digits":
            return f"digits.load({settings['split_seed']!r})"
        case "idx":
            return f"idx.load(Path({recipe.data!r}).expanduser())"
        case _:
            path = f"Path({recipe.data!r}).expanduser()"
            return f"image_folder.load({path}, {settings['size']!r}, {settings['split_seed']!r})"


def _keywords(network: Mapping[str, Any]) -> str:
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in network.items()}
    return "".join(f"    {name}={value!r},\n" for name, value in values.items())


def _threads(recipe: Recipe) -> str:
    return "" if recipe.threads is None else f"torch.set_num_threads({recipe.threads})\n"


def _augment(recipe: Recipe) -> str:
    amount = recipe.settings["jitter"]
    if amount == 0:
        return ""
    how = {"degrees": 10 * amount, "scale": 0.1 * amount, "shift": 0.08 * amount, "shear": 0.1 * amount}
    words = ", ".join(f"{name}={value!r}" for name, value in how.items())
    outside = "zeros" if recipe.meta["style"] else "reflection"
    return f"        images = jitter(\n            images, {words}, outside={outside!r}\n        )\n"


def _clip(settings: Mapping[str, Any]) -> str:
    if not settings["clip"]:
        return ""
    return f"        torch.nn.utils.clip_grad_norm_(model.parameters(), {settings['clip']!r})\n"
