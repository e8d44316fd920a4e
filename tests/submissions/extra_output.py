# %% [markdown]
# Helpers in earlier cells, constants set later, magics, training that is not needed, much output.
#
# - expect attend: passed
# - expect causal_bias: passed
# - expect split: passed
# - expect leave: passed

# %%
import math

import torch

# %matplotlib inline
# !echo not needed
from lecturelib.exercises import check

FORBIDDEN = []
model = [sum(range(10**12)) for _ in range(10**9)]  # never asked for

# %%
FORBIDDEN.append(-math.inf)
settings = {"heads": None}
settings["axis"] = 1


def soft(scores):
    return scores.softmax(LAST)


LAST = 5
LAST = -1

# %% tags=["exercise:attend"]
from math import sqrt  # noqa: E402


def attend(q, k, v, is_pad):
    print("looking", q)
    scores = q @ k.mT / sqrt(q.shape[LAST])
    return soft(scores.masked_fill(is_pad[:, None, None], FORBIDDEN[0])) @ v


for _ in range(10_000):
    print("much output " * 10)
# %time attend(1, 2, 3, 4)
print(check("attend", attend).passed, model_is_gone)


# %% tags=["exercise:causal_bias"]
def causal_bias(query: int, key: int, like: "torch.Tensor") -> "torch.Tensor":
    return torch.full((1, 1, query, key), FORBIDDEN[0]).triu(1 + key - query)


# %% tags=["exercise:split"]
class Splitter:
    def __call__(self, attention, x):
        return x.unflatten(-1, (attention.heads, -1)).transpose(settings["axis"], 2)


check("split", Splitter())


# %% tags=["exercise:leave"]
def leave(add, x, change):
    with torch.no_grad():
        x = x + change
    return x if add.norm_first else add.norm(x)
