"""How long must one listen? The error rate of clips cut short."""

from lecturelib.adapt.speakers import embed
from lecturelib.claims import Card
from lecturelib.claims.small_voices import PROTOCOL, error, said, trained

SECONDS = (0.5, 1.0, 1.5, 2.0, 3.0)


def run(seed: int) -> dict[str, float]:
    """One network, the same clips cut to their first seconds; shorter clips stay as they are."""
    clips, encoder = said("test"), trained("augmented", seed)
    numbers = {f"{long} s": error(embed(encoder, clips, seconds=long), clips) for long in SECONDS}
    return numbers | {"effect": numbers["0.5 s"] - numbers["3.0 s"]}


CARD = Card(
    name="voice_duration",
    source="Snyder et al. 2017, Interspeech, Table 1 (embeddings and clip length)",
    statement="The longer one listens, the fewer voices are mistaken",
    paper_number="a trend, from 5 to 60 s of telephone speech",
    protocol=f"{PROTOCOL}; the first 0.5 to 3 s of each clip",
    run=run,
    unit="points of equal error rate, 0.5 s minus 3 s",
)
