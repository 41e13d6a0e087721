"""What was measured on."""

import platform
import re
from pathlib import Path

from sandbox.devices import describe, pick_device


def machine() -> str:
    """The processor, its cores, the threads that torch takes, and the device of torch if it is another."""
    name = platform.processor() or platform.machine()
    description = Path("/proc/cpuinfo")
    if description.exists():
        names = re.findall(r"model name\s*: (.*)", description.read_text())
        name = names[0].strip() if names else name
    found = describe(pick_device("auto"))
    other = "" if found["device"] == "cpu" else f", {found['name']}"
    threads = f"{found['threads']} torch thread{'s' * (found['threads'] != 1)}"
    return f"{name}, {found['cores']} cores, {threads}{other}"
