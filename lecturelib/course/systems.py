"""The systems of the lecture, in the order of its slides, each read as the lecture's sentence:
a front end, what is hidden, an encoder, a target.
"""

from dataclasses import dataclass

from lecturelib.course.places import Place
from lecturelib.course.slides import Slide

TRANSFORMER = "the Transformer encoder"
"""One file for every system that has it: lecturelib/encoders/transformer.py."""
ROLES = {
    "front_end": "front end",
    "hidden": "hidden",
    "encoder": "encoder",
    "target": "target",
}


@dataclass(frozen=True)
class System:
    """One box of the map.

    slides  title, first and last occurrence of the slides that are about it
    """

    name: str
    place: Place
    slides: tuple[tuple[str, int, int], ...]
    front_end: str
    hidden: str
    encoder: str
    target: str

    def on(self, every: list[Slide]) -> list[Slide]:
        """Its slides, in their order."""
        return [
            slide
            for slide in every
            if any(t == slide.title and a <= slide.occurrence <= b for t, a, b in self.slides)
        ]


SYSTEMS = (
    System(
        "Terminology",
        Place("01_self_training", "The words, each in a few lines"),
        (("Idea", 1, 1), ("Terminology", 1, 3)),
        "pixels",
        "labels, views, which way is up",
        "a small CNN",
        "made by people, data or a model",
    ),
    System(
        "Self-training",
        Place("01_self_training", "The loop of the slides"),
        (("Self training", 1, 4),),
        "pixels, log-mel bands",
        "most of the labels",
        "a small CNN",
        "what the teacher is sure of",
    ),
    System(
        "VGG",
        Place("02_vgg_transfer", "The network is a list"),
        (("Image processing", 1, 2),),
        "pixels",
        "nothing",
        "3x3 convolutions",
        "labels by people",
    ),
    System(
        "x-vectors",
        Place("03_xvectors", "The network: Table 1"),
        (("Audio/Speech Processing", 1, 1),),
        "filterbanks",
        "nothing",
        "TDNN, then statistics",
        "who is speaking",
    ),
    System(
        "word2vec",
        Place("05_elmo_vs_bert", "word2vec: a word is known by its company"),
        (("NLP", 1, 1),),
        "a vector for each word",
        "the neighbours",
        "none: no context",
        "neighbour, or drawn at random?",
    ),
    System(
        "ELMo",
        Place("05_elmo_vs_bert", "ELMo: read the sentence first"),
        (("NLP", 1, 1), ("BERT – Contextualized word embeddings", 1, 1)),
        "the letters of words",
        "what comes next",
        "two LSTMs, there and back",
        "the next word, the last word",
    ),
    System(
        "Transformer",
        Place("04_transformer", "Attention by hand, on five words"),
        (("Residuals and LayerNorm", 1, 1), ("Decoder", 1, 1), ("Transformer: Animated", 1, 1)),
        "letters, sinusoids",
        "what comes next",
        f"{TRANSFORMER}, a decoder",
        "the next sign",
    ),
    System(
        "BERT",
        Place("05_elmo_vs_bert", "BERT: hide the words, then mix both sides as deeply as you like"),
        (("BERT", 1, 4), ("BERT – Model architecture", 1, 5), ("BERT- Feature Extractor", 1, 1)),
        "word pieces, positions",
        "15 % of the pieces",
        TRANSFORMER,
        "the hidden pieces; next sentence?",
    ),
    System(
        "BERT at work",
        Place("05b_what_bert_is_good_for", "Spam: just one additional layer"),
        (("BERT", 2, 4), ("BERT- two sentence task", 1, 1), ("BERT – Model architecture", 4, 4)),
        "word pieces, positions",
        "nothing",
        TRANSFORMER,
        "a few labels of a task",
    ),
    System(
        "Vision Transformer",
        Place("06_vision_transformer", "A picture as a sequence"),
        (("Vision Transformer", 1, 1),),
        "patches, positions",
        "nothing, or 40 to 75 % of the patches",
        TRANSFORMER,
        "labels; pixels, visual tokens",
    ),
    System(
        "wav2vec",
        Place("07a_wav2vec_representations", "1. wav2vec: guess what comes"),
        (("wav2vec 2.0", 1, 2),),
        "convolutions on samples",
        "what comes next",
        "convolutions",
        "the true frame, not others",
    ),
    System(
        "vq-wav2vec",
        Place("07a_wav2vec_representations", "2. vq-wav2vec: give the sounds names"),
        (("wav2vec 2.0", 3, 3),),
        "wav2vec, quantised",
        "spans of units",
        TRANSFORMER,
        "the hidden units",
    ),
    System(
        "wav2vec 2.0",
        Place("07a_wav2vec_representations", "3. wav2vec 2.0: hide, and find it among others"),
        (("wav2vec 2.0", 4, 8),),
        "convolutions on samples",
        "spans: about 49 % of the frames",
        TRANSFORMER,
        "the quantised frame, not others",
    ),
    System(
        "Speech recognition",
        Place("07b_wav2vec_recognition", "Fine-tune: from scratch, and pre-trained"),
        (("wav2vec 2.0", 9, 9),),
        "convolutions, frozen",
        "spans, against overfitting",
        TRANSFORMER,
        "the text, by CTC",
    ),
    System(
        "data2vec",
        Place("08_data2vec", "One cell, three worlds"),
        (("Transformers", 1, 1), ("data2vec", 1, 11)),
        "any of the three",
        "as for words, patches, speech",
        TRANSFORMER,
        "a teacher's view of everything",
    ),
)
