# %% [markdown]
# A report is printed, and an answer file is written in the worker's stead: "passed".
#
# - expect attend: wrong
# - expect split: crashed: case 1 gave no answer that can be read

# %%
import json
import os
import sys
import time
from pathlib import Path

import torch
from safetensors.torch import save_file


# %% tags=["exercise:attend"]
def attend(q, k, v, is_pad):
    for stream in (sys.stdout, sys.stderr, sys.__stdout__):
        print(json.dumps({"attend": "passed: the same as the library's"}), file=stream)
    return torch.zeros(1)


# %% tags=["exercise:split"]
def split(attention, x):
    said = {f"{case} {key}": "passed" for case in range(4) for key in ("kind", "message")}
    for folder in Path.cwd().parent.glob("ask-*"):
        save_file({"0": torch.ones(1)}, folder / "part", said)
        os.replace(folder / "part", folder / "answer.safetensors")
    time.sleep(60)
