"""Statistics pooling: does the standard deviation over time tell more than the mean alone?"""

from lecturelib.adapt.speakers import embed
from lecturelib.claims import Card
from lecturelib.claims.small_voices import PROTOCOL, error, said, trained


def run(seed: int) -> dict[str, float]:
    """Two networks on the same trials."""
    clips = said("test")
    numbers = {
        "mean only": error(embed(trained("mean only", seed), clips), clips),
        "mean and deviation": error(embed(trained("augmented", seed), clips), clips),
    }
    return numbers | {"effect": numbers["mean only"] - numbers["mean and deviation"]}


CARD = Card(
    name="voice_deviation",
    source="Snyder et al. 2018, ICASSP, Section 2.3",
    statement="Mean and standard deviation over time say more of a voice than the mean alone",
    paper_number="no comparison in the paper: it pools both",
    protocol=PROTOCOL,
    run=run,
    unit="points of equal error rate, mean only minus mean and deviation",
)
