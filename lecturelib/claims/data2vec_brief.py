"""data2vec on speech after a minute, five pre-trainings: alive, and better than nothing?"""

from lecturelib.claims import Card
from lecturelib.claims.small_data2vecs import DRAWN, SMALL, over_nothing, trained


def run(seed: int) -> dict[str, float]:
    """Pre-trained, untrained, log-mel."""
    return over_nothing("speech", seed, trained("speech", seed))


CARD = Card(
    name="data2vec_brief",
    source="Baevski et al. 2022, arXiv 2202.03555",
    statement="Predicting a teacher's view of speech does not collapse and helps with few labels",
    paper_number="LibriSpeech, 10 minutes of labels, test-other: WER 12.3",
    protocol=f"{SMALL['speech']}; judged against the better of log-mel and the untrained twin; "
    f"{DRAWN}",
    run=run,
    unit="points of accuracy at 5 clips a digit, over the better of log-mel and untrained",
)
