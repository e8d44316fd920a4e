# %% [markdown]
# Functions of other names, a lambda, a tag that was lost, and a cell that was run twice.
#
# - expect attend: passed
# - expect split: passed
# - expect leave: passed
# - expect only_end: passed
# - expect causal_bias: missing
# - expect sinusoids: missing

# %%
import math

import torch

from lecturelib.encoders.attention import attend
from lecturelib.exercises import check


# %% tags=["exercise:attend"]
def helper(scores):
    return scores.softmax(-1)


def my_attention(q, k, v, is_pad):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    return helper(scores.masked_fill(is_pad[:, None, None], -math.inf)) @ v


check("attend", attend)

# %% tags=["exercise:split"]
check("split", lambda layer, x: x.unflatten(-1, (layer.heads, -1)).transpose(1, 2))


# %%
def ours(add, x, change):
    return x + change if add.norm_first else add.norm(x + change)


check("leave", ours)


# %% tags=["exercise:only_end"]
def only_end(log_p, done, end):
    return log_p


# %% tags=["exercise:only_end"]
def only_end(log_p, done, end):  # noqa: F811
    free = torch.full_like(log_p, -math.inf).index_fill(1, torch.tensor([end]), 0.0)
    return torch.where(done[:, None], free, log_p)
