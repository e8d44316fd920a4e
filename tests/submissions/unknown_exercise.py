# %% [markdown]
# An exercise of no notebook beside one of 05.
#
# - expect levitate: unknown
# - expect noise_share: passed
# - expect keep_probability: missing
# - expect change_words: missing
# - expect backward: missing
# - expect mix: missing


# %% tags=["exercise:levitate"]
def levitate():
    return 1


# %% tags=["exercise:noise_share"]
def noise_share(counts, power):
    weight = counts.double().pow(power)
    return weight / weight.sum()
