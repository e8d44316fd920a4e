# %% [markdown]
# The library's own solution: imported, wrapped, as a method, from the exercise, with a net below.
#
# - expect attend: copied: uses the library's own solution
# - expect causal_bias: copied
# - expect split: copied
# - expect sinusoids: copied
# - expect only_end: copied
# - expect leave: passed

# %%
import lecturelib.decoding.sequences as theirs
from lecturelib.encoders.attention import attend, causal_bias
from lecturelib.exercises import check, exercise

# %% tags=["exercise:attend"]
check("attend", lambda q, k, v, is_pad: attend(q, k, v, is_pad)[0])

# %% tags=["exercise:causal_bias"]
check("causal_bias", causal_bias)


# %% tags=["exercise:split"]
def split(attention, x):
    return attention.split(x)


# %% tags=["exercise:sinusoids"]
sinusoids = exercise("sinusoids").solution
check("sinusoids", sinusoids)


# %% tags=["exercise:only_end"]
def only_end(log_p, done, end):
    try:
        return theirs.only_end(log_p, done, end)
    except BaseException:
        return log_p


# %% tags=["exercise:leave"]
def leave(add, x, change):
    return x + change if add.norm_first else add.norm(x + change)
