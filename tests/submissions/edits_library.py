# %% [markdown]
# The library's function is replaced by the student's wrong one, in memory and on the disk.
#
# - expect attend: wrong: You mix the keys
# - expect split: wrong: Heads come before time
# - expect leave: passed

# %%
import math
from pathlib import Path

from lecturelib.encoders import attention


# %% tags=["exercise:attend"]
def attend(q, k, v, is_pad):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    return scores.masked_fill(is_pad[:, None, None], -math.inf).softmax(-1) @ k


attention.attend = attend
Path(attention.__file__).write_text("raise ValueError('spoiled')")


# %% tags=["exercise:split"]
def split(attention, x):
    return x.unflatten(-1, (attention.heads, -1))


attention.MultiHeadAttention.split = split


# %% tags=["exercise:leave"]
def leave(add, x, change):
    return x + change if add.norm_first else add.norm(x + change)
