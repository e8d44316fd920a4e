# %% [markdown]
# No typical slip: what is near is named, and the exercise's hint is given.
#
# - expect attend: wrong: 2 times as large
# - expect causal_bias: wrong: another shape
# - expect sinusoids: wrong: but for the sign
# - expect split: wrong: expected a tensor
# - expect leave: wrong: Where does the norm stand
# - expect only_end: wrong: 5 of 6 numbers are right

# %%
import math

import torch


# %% tags=["exercise:attend"]
def attend(q, k, v, is_pad):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    return 2 * scores.masked_fill(is_pad[:, None, None], -math.inf).softmax(-1) @ v


# %% tags=["exercise:causal_bias"]
def causal_bias(query, key, like):
    return torch.full((query, key), -math.inf).triu(1 + key - query)


# %% tags=["exercise:sinusoids"]
def sinusoids(positions, dim):
    angle = positions.double()[:, None] / 10000 ** (torch.arange(0, dim, 2).double() / dim)
    return -torch.stack([angle.sin(), angle.cos()], 2).flatten(1)


# %% tags=["exercise:split"]
def split(attention, x):
    return x.tolist()


# %% tags=["exercise:leave"]
def leave(add, x, change):
    return add.norm(x) * change


# %% tags=["exercise:only_end"]
def only_end(log_p, done, end):
    free = torch.full_like(log_p, -math.inf).index_fill(1, torch.tensor([end]), 1.0)
    return torch.where(done[:, None], free, log_p)
