# %% [markdown]
# Python itself is stopped: by leaving, by a wrong address, by a signal.
#
# - expect attend: crashed: exit status 0
# - expect split: crashed
# - expect causal_bias: crashed
# - expect leave: passed

# %%
import ctypes
import os


# %% tags=["exercise:attend"]
def attend(q, k, v, is_pad):
    os._exit(0)


# %% tags=["exercise:split"]
def split(attention, x):
    return ctypes.string_at(0)


# %% tags=["exercise:causal_bias"]
def causal_bias(query, key, like):
    os.abort()


# %% tags=["exercise:leave"]
def leave(add, x, change):
    return x + change if add.norm_first else add.norm(x + change)
