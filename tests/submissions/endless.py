# %% [markdown]
# An endless loop in a function, and one where the cell is run; what follows is still marked.
#
# - expect attend: too slow
# - expect split: too slow
# - expect leave: passed


# %% tags=["exercise:attend"]
def attend(q, k, v, is_pad):
    while True:
        pass


# %% tags=["exercise:split"]
def split(attention, x):
    return x


while True:
    pass


# %% tags=["exercise:leave"]
def leave(add, x, change):
    return x + change if add.norm_first else add.norm(x + change)
