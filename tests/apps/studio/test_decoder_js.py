"""The decoder in the browser gives torch's numbers, for every way to end."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from apps.studio.browser import component
from apps.studio.inside.latent_plane import layers
from sandbox.blocks.mlp import MLP

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SCRIPTS = Path(component.__file__).parent

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="NO BROWSER: install chromium to run what is decoded in it"),
]
ENDS = {
    "clamp": lambda x: x.clamp(0, 1),
    "sigmoid": torch.sigmoid,
    "tanh": lambda x: (x.tanh() + 1) / 2,
}


def test_the_browser_decodes_as_torch_does():
    torch.manual_seed(0)
    network = MLP(3, (16, 8), 20, "relu")
    codes = torch.randn(5, 3)
    script = "\n".join((SCRIPTS / name).read_text(encoding="utf-8") for name in ("pixels.js", "decoder.js"))
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.add_script_tag(content=script)
        for name, end in ENDS.items():
            found = page.evaluate(
                "([layers, squash, codes]) => codes.map((c) => Array.from(decoderOf(layers, squash)(c)))",
                [layers(network), name, codes.tolist()],
            )
            expected = end(network(codes)).detach().numpy()
            np.testing.assert_allclose(np.array(found), expected, atol=2e-6)
        browser.close()
