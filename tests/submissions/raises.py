# %% [markdown]
# Errors: in the function, on the way out, in the second case only, and where the cell is run.
#
# - expect attend: error: KeyError: 'width'
# - expect causal_bias: error: SystemExit
# - expect split: error: case 2 raised
# - expect sinusoids: error: NameError
# - expect leave: passed
# - expect only_end: error: KeyboardInterrupt

# %%
import sys


# %% tags=["exercise:attend"]
def attend(q, k, v, is_pad):
    return {}["width"]


# %% tags=["exercise:causal_bias"]
def causal_bias(query, key, like):
    sys.exit("all right")


# %% tags=["exercise:split"]
def split(attention, x):
    return x.view(1, 1, attention.heads, 2).transpose(1, 2)


# %% tags=["exercise:sinusoids"]
sinusoids = undefined_name


# %% tags=["exercise:leave"]
def leave(add, x, change):
    return x + change if add.norm_first else add.norm(x + change)


print(1 / 0)  # after the function: what the function gives counts


# %% tags=["exercise:only_end"]
def only_end(log_p, done, end):
    raise KeyboardInterrupt
