"""Three small data2vec models, of sound, pictures and words: the same lines for all."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from lecturelib.adapt.latents import health
from lecturelib.adapt.pictures import EVERY, classes
from lecturelib.data import text
from lecturelib.data.batch import Batch
from lecturelib.data.sentences import documents, pairs
from lecturelib.data.tokenizers import WordPieces, from_vocabulary, train_wordpieces
from lecturelib.objectives.latent_regression import LatentRegression
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import Job, Source, facts_of, pixels, sounds, vocabulary
from lecturelib.pretraining.bert import LENGTH, VOCAB, word2vec_start
from lecturelib.pretraining.vgg import augmented, licence
from lecturelib.recipes.data2vec import OURS, data2vec
from lecturelib.shapes import Features
from lecturelib.training import checkpoint, schedule
from lecturelib.training.loop import Plan
from lecturelib.training.watch import dead

FRONTENDS = {"speech": "waveform", "cifar10": "patches", "wikipedia": "words"}
DATA = tuple(FRONTENDS)
STREAMS = (*sounds.STREAMS, pixels.STREAM)
QUICK = 60


@dataclass(frozen=True)
class World(Source):
    """What a modality learns from.

    pieces, vectors  of words: the vocabulary, and what word2vec makes of it
    """

    pieces: WordPieces | None = None
    vectors: Features | None = None


def speech(data: str = "speech") -> World:
    """Spoken digits and telephone prompts, in crops of 3 seconds, or one of `sounds.STREAMS`."""
    heard = sounds.sounds(data, 8, watched=32)
    return World(heard.draw, heard.held_out, heard.facts)


def pictures() -> World:
    """CIFAR-10, all classes, without labels, moved and mirrored."""
    splits, names = classes(EVERY)
    seen, unseen = (Batch(part.signal, None, None) for part in (splits.train, splits.validation))
    facts = facts_of(seen, splits.source, licence(names))
    return World(augmented(seen, 64), unseen.rows(slice(256)), facts)


def sentences(epochs: int = 5, pieces: WordPieces | None = None) -> World:
    """86 Wikipedia articles, in pairs of texts as BERT's; the labels of the pairs are not used.

    epochs  of word2vec; pieces  a vocabulary, None: one is made of these articles
    """
    articles = text.wikipedia("train")
    if pieces is None:
        pieces = train_wordpieces((line for a in articles for line in a.paragraphs), VOCAB)
    docs, unseen = documents(articles, pieces), documents(text.wikipedia("validation"), pieces)
    everything = Batch(torch.tensor([[n for doc in docs for n in doc.ids]]), None, None)
    rng = torch.Generator().manual_seed(0)
    return World(
        lambda rng: pairs(docs, pieces, length=LENGTH, size=8, rng=rng),
        pairs(unseen, pieces, length=LENGTH, size=64, rng=rng),
        facts_of(everything, "English Wikipedia, 86 articles in gensim", "CC BY-SA"),
        pieces,
        word2vec_start(docs, len(pieces), epochs=epochs, seed=0).vectors,
    )


WORLDS: dict[str, Callable[[], World]] = {
    "speech": speech,
    "cifar10": pictures,
    "wikipedia": sentences,
}


def frontend_of(data: str) -> str:
    """Which front end reads this data; what is not named is a folder of pictures or of sound."""
    other = "patches" if data.startswith("pictures:") else "waveform"
    return FRONTENDS.get(data, other)


def world_of(data: str) -> World:
    """One of DATA, in memory, or of STREAMS."""
    if data in WORLDS:
        return WORLDS[data]()
    if frontend_of(data) == "waveform":
        return speech(data)
    seen = pixels.streamed(data, 64, watched=256)
    return World(seen.draw, seen.held_out, seen.facts)


def build(data: str, pace: str, seed: int = 0) -> Job:
    """Student, head and teacher are shipped, so that all three can be looked at."""
    recipe, world = OURS[frontend_of(data)], world_of(data)
    objective = begin(data, world, seed)
    return Job(
        objective=objective,
        draw=world.draw,
        plan=Plan(
            QUICK if pace == "quick" else recipe.updates,
            lr=recipe.rate,
            schedule=getattr(schedule, recipe.schedule),
            clip=5.0,
            seed=seed,
            measure_every=250,
            save_every=250,
        ),
        ship=objective,
        facts=world.facts,
        measure=lambda: health(objective, world.held_out),
        vocabulary=world.pieces.pieces if world.pieces else (),
        watch=dead("prediction_variance", 1e-4, "every hidden place gets the same prediction"),
    )


def begin(data: str, world: World, seed: int, **changes: object) -> LatentRegression:
    """The network before it has learned; words begin with word2vec's vectors, as our BERT does."""
    torch.manual_seed(seed)
    objective = data2vec(frontend_of(data), pieces=world.pieces, **changes)
    if world.vectors is not None:
        with torch.no_grad():
            objective.model.frontend.word.weight.copy_(world.vectors)
    return objective


def shipped(data: str) -> LatentRegression:
    """The network that this recipe has made, in eval mode."""
    path = CHECKPOINTS / f"data2vec_{data}.safetensors"
    pieces = from_vocabulary(vocabulary(path)) if data == "wikipedia" else None
    objective = data2vec(FRONTENDS[data], pieces=pieces).eval()
    checkpoint.load_weights(path, objective)
    return objective
