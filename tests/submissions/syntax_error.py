# %% [markdown]
# A cell that Python cannot read spoils that cell only. (Written as text: a source must be Python.)
#
# - expect attend: error: SyntaxError
# - expect leave: passed

# %% tags=["exercise:attend"]
# !raw def attend(q, k, v, is_pad:
# !raw     return v

# %%
# !raw for x in [1, 2

# %% tags=["exercise:leave"]
# %matplotlib inline


def leave(add, x, change):
    return x + change if add.norm_first else add.norm(x + change)
