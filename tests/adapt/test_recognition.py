"""Recognition: who learns when, what is hidden, what a batch holds, and that it learns letters."""

from copy import deepcopy

import pytest
import torch
from torch import Generator, Tensor

from lecturelib.adapt import recognition
from lecturelib.adapt.recognition import (
    Alphabet,
    Recogniser,
    Spoil,
    error_rates,
    fine_tune,
    hear,
    labelled,
    pseudo_labels,
    restart_top,
    spoilt,
    spoken,
    transcribe,
)
from lecturelib.data.batch import Batch
from lecturelib.data.speech import Utterance
from lecturelib.decoding.ctc import greedy, prefix_beam
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.waveform import ConvPositions, MelFrames, Waveform
from lecturelib.masking import expected_share
from lecturelib.objectives.ctc import Ctc
from lecturelib.training.loop import Plan
from lecturelib.training.schedule import tri_stage
from tests.oracle import error

ABC = Alphabet("abc ")


def small(seed: int = 0) -> Model:
    torch.manual_seed(seed)
    front = Waveform(
        convolutions=MelFrames(width=32),
        positions=ConvPositions(dim=32, kernel=8, groups=4),
        dim=32,
        norm_last=True,
    )
    front.drop.p = 0.0
    encoder = Encoder(dim=32, heads=4, depth=2, hidden=64, variant=Variant(dropout=0.0))
    return Model(frontend=front, encoder=encoder)


def tones(texts: list[str], seed: int = 0) -> list[Utterance]:
    """Each letter is a tone of 120 ms, a space is soft noise."""
    rng = Generator().manual_seed(seed)
    time = torch.arange(960) / 8000
    found = []
    for text in texts:
        parts = [
            torch.randn(960, generator=rng) * 0.05
            if letter == " "
            else torch.sin(2 * torch.pi * {"a": 300, "b": 900, "c": 2200}[letter] * time)
            for letter in text
        ]
        found.append(Utterance(torch.cat(parts), 8000, text, "tone", "en", None, "made"))
    return found


def gradients(recogniser: Recogniser, batch: Batch) -> set[str]:
    """Which parts learn from this batch."""
    recogniser.zero_grad()
    Ctc(recogniser.train())(batch, Generator().manual_seed(0)).total.backward()
    moved = {n for n, p in recogniser.named_parameters() if p.grad is not None and p.grad.any()}
    return {name.split(".")[2 if name.startswith("model.frontend") else 0] for name in moved}


def test_alphabet_there_and_back() -> None:
    assert len(Alphabet()) == 29
    assert ABC.encode("cab a") == [3, 1, 2, 4, 1]
    assert ABC.decode([3, 1, 2, 4, 1]) == "cab a"
    label, is_pad = ABC.labels(["ab", "c"])
    assert label.tolist() == [[1, 2], [3, 0]]
    assert is_pad.tolist() == [[False, False], [False, True]]
    with pytest.raises(ValueError, match=r"'abé!' has \['!', 'é'\], which this alphabet lacks"):
        ABC.encode("abé!")
    with pytest.raises(ValueError, match=r"letters \['a'\] stand twice"):
        Alphabet("abca")


def test_spoken_is_spelled_by_the_alphabet() -> None:
    assert spoken("Don't press 1,  PLEASE!") == "don't press please"
    assert Alphabet().encode(spoken("I like burgers."))


def test_who_learns_when() -> None:
    batch = labelled(tones(["ab", "ba"]), ABC, 2)(Generator().manual_seed(0))
    rest = {"norm_latents", "project", "mask", "positions", "norm", "model", "head"}
    frozen_first = Recogniser(small(), ABC, encoder_frozen_for=2)
    assert gradients(frozen_first, batch) == {"head"}
    frozen_first.after_step(0)
    assert gradients(frozen_first, batch) == {"head"}
    frozen_first.after_step(1)
    assert gradients(frozen_first, batch) == rest
    assert gradients(Recogniser(small(), ABC), batch) == rest
    scratch = Recogniser(small(), ABC, features_frozen=False)
    assert gradients(scratch, batch) == rest | {"convolutions"}


def test_training_moves_what_it_should_and_when() -> None:
    recogniser = Recogniser(small(), ABC, encoder_frozen_for=3)
    before = deepcopy(recogniser.state_dict())
    moved = []
    plan = Plan(5, lr=1e-3, schedule=tri_stage)
    for steps in (3, 5):
        recogniser.load_state_dict(before)
        fine_tune(recogniser, tones(["ab", "cb a"]), Plan(steps, plan.lr, plan.schedule), size=2)
        after = recogniser.state_dict()
        moved.append({n for n, value in after.items() if not torch.equal(value, before[n])})
    assert moved[0] == {"head.weight", "head.bias", "updates"}
    assert "model.encoder.layers.0.attention.query.weight" in moved[1]
    assert not [name for name in moved[1] if "convolutions" in name]


def test_spans_and_channels_are_spoilt_as_often_as_the_closed_form_says() -> None:
    latents, is_pad = torch.ones(400, 200, 64), torch.zeros(400, 200, dtype=torch.bool)
    is_pad[:, 150:] = True
    spoil = Spoil(time=(0.05, 4), channels=(0.02, 8))
    changed, hidden = spoilt(latents, is_pad, spoil, Generator().manual_seed(0))
    silent = changed[:, 0] == 0
    assert torch.equal(changed, latents * ~silent[:, None])  # a channel is silent all the time
    assert not hidden[is_pad].any()
    late = float(hidden[:, 4:150].double().mean()), float(silent[:, 8:].double().mean())
    assert late[0] == pytest.approx(expected_share(0.05, 4), abs=0.01)
    assert late[1] == pytest.approx(expected_share(0.02, 8), abs=0.02)


def test_nothing_is_spoilt_in_eval_mode_or_where_it_is_switched_off() -> None:
    batch = labelled(tones(["abc ab"]), ABC, 1)(Generator())
    spoils, never = Recogniser(small(), ABC), Recogniser(small(), ABC, spoil=None)
    never.load_state_dict(spoils.state_dict())
    rng = Generator().manual_seed(0)
    clean = spoils.eval()(batch, rng).log_p
    assert torch.equal(clean, never.train()(batch, rng).log_p)
    assert not torch.equal(clean, spoils.train()(batch, rng).log_p)


def test_a_recording_is_heard_alike_alone_and_beside_a_longer_one() -> None:
    recogniser = Recogniser(small(), ABC).double()
    short, long = (replaced(one) for one in tones(["ab", "abc abc"]))
    alone, beside = hear(recogniser, [short])[0], hear(recogniser, [long, short])[1]
    assert error(alone, beside) < 1e-10
    louder = hear(recogniser, [replaced(short, 7 * short.wave + 2)])[0]
    assert error(alone, louder) < 1e-3  # level, whatever the microphone's gain
    assert torch.allclose(alone.exp().sum(1), torch.ones(len(alone)).double())


def replaced(one: Utterance, wave: Tensor | None = None) -> Utterance:
    wave = one.wave if wave is None else wave
    return Utterance(wave.double(), one.rate, one.text, one.speaker, "en", None, "made")


def test_restart_top() -> None:
    model, fresh = small(), small()
    with torch.no_grad():
        for parameter in model.encoder.parameters():
            parameter.fill_(7.0)
    restart_top(model.encoder, 1)
    below, top = model.encoder.layers
    assert all((p == 7).all() for p in below.parameters())
    assert not any((p == 7).any() for p in top.parameters())
    assert (top.add_attention.norm.weight == 1).all()
    assert float(top.attention.query.weight.detach().std()) == pytest.approx(
        0.02 * 24**0.5, rel=0.1
    )
    restart_top(fresh.encoder, 0)
    assert all(
        torch.equal(a, b) for a, b in zip(fresh.parameters(), small().parameters(), strict=True)
    )
    with pytest.raises(ValueError, match="blocks=3 of 2: choose 0 or more"):
        restart_top(fresh.encoder, 3)


def test_it_learns_to_spell_tones() -> None:
    torch.manual_seed(0)
    rng = Generator().manual_seed(1)
    texts = ["".join("abc"[n] for n in torch.randint(3, (4,), generator=rng)) for _ in range(40)]
    recogniser = Recogniser(small(), ABC, spoil=None, features_frozen=False)
    history = fine_tune(recogniser, tones(texts[:30]), Plan(60, 5e-3, tri_stage), size=8)
    rows = history.rows
    assert rows[0]["nll"] > 2 * rows[-1]["nll"]
    unseen = tones(texts[30:], seed=9)
    said = [one.text or "" for one in unseen]
    assert error_rates(said, transcribe(recogniser, unseen)).letters < 0.3
    wide = transcribe(recogniser, unseen, lambda log_p: prefix_beam(log_p, width=4)[0])
    assert error_rates(said, wide).letters < 0.3


def test_pseudo_labels_are_the_models_own_and_the_surest(monkeypatch: pytest.MonkeyPatch) -> None:
    said = tones(["ab", "bc", "ca", "abc"])
    paths = [[1] * 40 + [0, 2], [2, 2, 0, 3], [0, 0], [3, 1]]  # a long one is no less sure
    sure = [0.9, 0.5, 0.99, 0.8]
    heard = []
    for path, p in zip(paths, sure, strict=True):
        rest = torch.full((len(path), 5), (1 - p) / 4)
        heard.append(rest.scatter(1, torch.tensor(path)[:, None], p).log())
    monkeypatch.setattr(recognition, "hear", lambda model, given: heard)
    model = Recogniser(small(), ABC)
    found = pseudo_labels(model, said, keep=0.75)
    assert [(one.text, one.wave is u.wave) for one, u in zip(found, said[::3], strict=True)] == [
        ("ab", True),
        ("ca", True),
    ]
    assert [one.text for one in pseudo_labels(model, said, keep=1.0)] == ["ab", "bc", "ca"]
    assert [one.text for one in pseudo_labels(model, said, keep=0.5)] == ["ab"]  # silence is sure
    assert said[0].text == "ab"
    best = greedy(heard[0])
    assert best.score / 42 == pytest.approx(float(torch.tensor(0.9).log()))
    for keep in (0.0, 1.1):
        with pytest.raises(ValueError, match=f"keep={keep}: keep a share above 0"):
            pseudo_labels(model, said, keep=keep)


def test_error_rates_by_hand() -> None:
    """One word of four is wrong; two letters of fifteen, a space is a letter."""
    words, letters = error_rates(["one two", "six six"], ["one two", "six sax"])
    assert words == 1 / 4
    assert letters == 1 / 14
    assert error_rates(["one"], [""]) == (1.0, 1.0)
    assert error_rates(["a"], ["b c d"]).words == 3.0
    with pytest.raises(ValueError, match="1 references, 2 guesses"):
        error_rates(["a"], ["a", "b"])
    with pytest.raises(ValueError, match=r"references \[1\] are empty"):
        error_rates(["a", " "], ["a", "b"])


def test_bad_recordings() -> None:
    recogniser = Recogniser(small(), ABC)
    with pytest.raises(ValueError, match="of tone has no text"):
        labelled([replace_text(None)], ABC, 2)
    with pytest.raises(ValueError, match=r"'abd' has \['d'\]"):
        labelled([replace_text("abd")], ABC, 2)
    long, tiny = tones(["abc"])[0].wave, torch.ones(300)
    waves = torch.zeros(2, len(long))
    waves[0], waves[1, :300] = long, tiny
    is_pad = torch.arange(len(long)) >= torch.tensor([len(long), 300])[:, None]
    with pytest.raises(ValueError, match=r"rows \[1\] make no frame: give at least 416 samples"):
        recogniser(Batch(waves, is_pad, None), Generator())
    silence = Utterance(torch.zeros(4000), 8000, "a", "tone", "en", None, "made")
    assert torch.isfinite(hear(recogniser, [silence])[0]).all()


def replace_text(text: str | None) -> Utterance:
    return Utterance(torch.ones(2000), 8000, text, "tone", "en", None, "made")
