"""Stands in for `sandbox train` in a job's process: trains by sleeping, and leaves a note for each start.

Words in the command say how it behaves.
"""

import gc
import json
import sys
import time
import types

from sandbox.jobs import job_process, warm_worker
from sandbox.progress import Progress, drive
from sandbox.runs import Run


def events(run, deaf, steps, first):
    for step in range(first, steps + 1):
        if step % 5 == 0:
            folder = run.path / "checkpoints" / f"{step:012d}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "resume.json").write_text("{}")
        yield Progress(step, steps)
        while deaf:  # from its first step on: a request that comes between two steps would be heard
            time.sleep(0.1)
        time.sleep(0.02)


def main(argv):
    run = Run.open(argv[-1])
    with (run.path / "starts").open("a") as file:
        print(json.dumps(argv), file=file)
    words = run.config["argv"]
    if "broken" in words:
        print("There is no option --broken.", file=sys.stderr)
        return 2
    if "crash" in words:
        raise RuntimeError("the command fell over")
    if "slow-start" in words:
        time.sleep(30)
    print("training", gc.get_freeze_count())
    first = run.resumable_step() or 0 if "--resume" in argv else 0
    drive(run, events(run, "deaf" in words, 20 if "short" in words else 100_000, first))
    return 0


cli = types.ModuleType("sandbox.cli")
cli.__dict__["main"] = main
sys.modules["sandbox.cli"] = cli
job_process.COMMAND = [sys.executable, __file__]
warm_worker.HEAVY = ()
if __name__ == "__main__":
    sys.exit(warm_worker.main(sys.argv[1:]))
