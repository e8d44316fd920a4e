# %% [markdown]
# Typical mistakes, each explained as `check` explains it.
#
# - expect attend: wrong: Divide by sqrt(d), else the softmax saturates
# - expect causal_bias: wrong: A position may look at itself
# - expect sinusoids: wrong: Sines and cosines take turns
# - expect split: wrong: Heads come before time
# - expect leave: wrong: The residual is missing
# - expect only_end: wrong: Everything but the end is impossible

# %%
import math

import torch

INF = math.inf


# %% tags=["exercise:attend"]
def attend(q, k, v, is_pad):
    scores = q @ k.transpose(-2, -1)
    return scores.masked_fill(is_pad[:, None, None, :], -INF).softmax(-1) @ v


# %% tags=["exercise:causal_bias"]
def causal_bias(query, key, like):
    return torch.full((1, 1, query, key), -INF).triu(key - query)


# %% tags=["exercise:sinusoids"]
def sinusoids(positions, dim):
    channel = torch.arange(0, dim, 2, dtype=torch.float64)
    angle = positions.double()[:, None] / 10000 ** (channel / dim)
    return torch.cat([angle.sin(), angle.cos()], 1)


# %% tags=["exercise:split"]
def split(attention, x):
    return x.unflatten(-1, (attention.heads, -1))


# %% tags=["exercise:leave"]
def leave(add, x, change):
    return change if add.norm_first else add.norm(change)


# %% tags=["exercise:only_end"]
def only_end(log_p, done, end):
    result = log_p.clone()
    result[done, end] = 0.0
    return result
