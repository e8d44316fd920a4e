# %% [markdown]
# Who compares with the library's function in the cell, and has written an own one, has not copied.
#
# - expect attend: passed

# %%
import math

import torch

from lecturelib.encoders import attention


# %% tags=["exercise:attend"]
def attend(q, k, v, is_pad):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    return scores.masked_fill(is_pad[:, None, None], -math.inf).softmax(-1) @ v


some = torch.randn(1, 1, 3, 4)
print(attention.attend(some, some, some)[0] - attend(some, some, some, torch.zeros(1, 3).bool()))
