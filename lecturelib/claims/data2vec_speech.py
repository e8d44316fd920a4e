"""data2vec on speech: alive after training, and better than nothing where labels are few?"""

from lecturelib.claims import Card
from lecturelib.claims.small_data2vecs import SHIPPED, over_nothing
from lecturelib.pretraining.data2vec import shipped


def run(seed: int) -> dict[str, float]:
    """Pre-trained, untrained, log-mel."""
    return over_nothing("speech", seed, shipped("speech"))


CARD = Card(
    name="data2vec_speech",
    source="Baevski et al. 2022, arXiv 2202.03555",
    statement="Predicting a teacher's view of speech does not collapse and helps with few labels",
    paper_number="LibriSpeech, 10 minutes of labels, test-other: WER 12.3",
    protocol=f"{SHIPPED['speech']}; judged against the better of log-mel and the untrained twin",
    run=run,
    unit="points of accuracy at 5 clips a digit, over the better of log-mel and untrained",
)
