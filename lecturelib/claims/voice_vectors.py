"""A trained voice vector beside the mean and deviation of cepstra (x-vectors beside i-vectors)."""

from lecturelib.adapt.speakers import embed
from lecturelib.claims import Card
from lecturelib.claims.small_voices import PROTOCOL, baseline, error, plda_error, said, trained


def run(seed: int) -> dict[str, float]:
    """The same trials, three ways to score them."""
    clips, encoder = said("test"), trained("augmented", seed)
    numbers = {
        "MFCC statistics": error(baseline(clips), clips),
        "x-vector": error(embed(encoder, clips), clips),
        "x-vector, PLDA": plda_error(encoder, clips),
    }
    return numbers | {"effect": numbers["MFCC statistics"] - numbers["x-vector"]}


CARD = Card(
    name="voice_vectors",
    source="Snyder et al. 2018, ICASSP, Table 2",
    statement="A trained voice vector tells voices apart better than statistics of the sound",
    paper_number="equal error rate, SITW and SRE16: x-vectors 6.00, 5.86 %; i-vectors 9.29, 9.23 %",
    protocol=f"{PROTOCOL}; MFCC: mean and deviation of 20 cepstra, whitened by PCA (the paper: "
    "i-vectors, and PLDA for both)",
    run=run,
    unit="points of equal error rate, MFCC statistics minus x-vector",
)
