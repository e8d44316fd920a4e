# %% [markdown]
# Too much at once, and too much little by little.
#
# - expect attend: too much memory
# - expect split: too much memory
# - expect leave: passed

# %%
import torch


# %% tags=["exercise:attend"]
def attend(q, k, v, is_pad):
    return torch.ones(100_000_000_000).sum() * v


# %% tags=["exercise:split"]
def split(attention, x):
    kept = []
    while True:
        kept.append(bytes(10_000_000))


# %% tags=["exercise:leave"]
def leave(add, x, change):
    return x + change if add.norm_first else add.norm(x + change)
