"""A trained voice vector beside the mean and deviation of cepstra (x-vectors beside i-vectors)."""

from functools import partial

from lecturelib.adapt.speakers import embed, mfcc_statistics
from lecturelib.claims import Card
from lecturelib.claims.small_voices import PROTOCOL, baseline, error, plda_error, said, trained


def run(seed: int) -> dict[str, float]:
    """The same trials; two kinds of vectors, two ways to score them."""
    clips, see = said("test"), partial(embed, trained("augmented", seed))
    numbers = {
        "MFCC statistics": error(baseline(clips), clips),
        "MFCC statistics, PLDA": plda_error(mfcc_statistics, clips),
        "x-vector": error(see(clips), clips),
        "x-vector, PLDA": plda_error(see, clips, dims=30),
    }
    return numbers | {"effect": numbers["MFCC statistics, PLDA"] - numbers["x-vector, PLDA"]}


CARD = Card(
    name="voice_vectors",
    source="Snyder et al. 2018, ICASSP, Table 2",
    statement="A trained voice vector tells voices apart better than statistics of the sound",
    paper_number="equal error rate, SITW and SRE16: x-vectors 6.00, 5.86 %; i-vectors 9.29, 9.23 %",
    protocol=f"{PROTOCOL}, and PLDA fitted on the 60; MFCC: mean and deviation of 20 cepstra (the "
    "paper: i-vectors); judged with PLDA for both, as in the paper, which is also what serves MFCC "
    "best on validation voices",
    run=run,
    unit="points of equal error rate, MFCC statistics minus x-vector, PLDA for both",
)
