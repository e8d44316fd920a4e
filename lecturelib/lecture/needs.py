"""What the notebooks of a route read: every file whose hash a card knows, every published model."""

from collections.abc import Iterable

from lecturelib.data.cards import CARDS

# Data sets by notebook at quick pace; a test compares them with what the notebooks printed. MiniLM
# and the voice encoder (resemblyzer) are the route's published models: both come in a package of
# one version, and their hash is checked.
FILES = {
    "00_start_here": (),
    "01_self_training": ("digits", "fsdd", "mnist5k", "prompts"),
    "02_vgg_transfer": ("cifar10", "mnist5k", "photos"),
    "03_xvectors": ("fsdd", "prompts", "resemblyzer"),
    "04_transformer": (),
    "05_elmo_vs_bert": ("brown", "simlex999", "wikipedia", "wordsim353"),
    "05b_what_bert_is_good_for": ("sms", "wikipedia", "xquad"),
    "06_vision_transformer": ("cifar10", "photos"),
    "07a_wav2vec_representations": ("fsdd", "prompts"),
    "07b_wav2vec_recognition": ("fsdd",),
    "08_data2vec": ("cifar10", "fsdd", "mnist5k", "prompts", "wikipedia"),
}
MINILM = "sentence-transformers/all-MiniLM-L6-v2"
MODELS = {"05_elmo_vs_bert": (MINILM,), "05b_what_bert_is_good_for": (MINILM,)}


def cards(notebooks: Iterable[str]) -> list[str]:
    """The cards of all files that these notebooks read. Raises ValueError for one not listed."""
    sets = set()
    for name in notebooks:
        if name not in FILES:
            raise ValueError(f"what {name} reads is not known: write it into lecture/needs.py")
        sets |= set(FILES[name])
    return [card for card in CARDS if card.split(".")[0] in sets]


def models(notebooks: Iterable[str]) -> list[str]:
    """The published models that these notebooks load, by their names on the hub."""
    return sorted({model for name in notebooks for model in MODELS.get(name, ())})
