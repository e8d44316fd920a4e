"""data2vec beside wav2vec 2.0: same encoder, same data, as many operations."""

from lecturelib.claims import Card
from lecturelib.claims.small_data2vecs import DRAWN, RIVAL_STEPS, SMALL, over_rival


def run(seed: int) -> dict[str, float]:
    """Both, read out alike."""
    return over_rival("speech", seed)


CARD = Card(
    name="data2vec_speech_rival",
    source="Baevski et al. 2022, arXiv 2202.03555",
    statement="data2vec is better than wav2vec 2.0 at equal cost",
    paper_number="LibriSpeech, 10 minutes of labels, test-other: WER 12.3 against 15.6",
    protocol=f"{SMALL['speech']}; the rival trains {RIVAL_STEPS['speech']} steps, as many "
    f"operations; {DRAWN}",
    run=run,
    unit="points of accuracy, data2vec minus wav2vec 2.0",
)
