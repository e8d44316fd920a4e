"""What is asked of a frozen encoder, on encoders of which the answer is known."""

from dataclasses import replace

import pytest
import torch
from torch import Generator, Tensor

from lecturelib.adapt import hearing, speech_exam, speech_frames, speech_probes
from lecturelib.adapt.hearing import frames, layers_of, log_mel, pooled
from lecturelib.adapt.speech_exam import Exam, Question, question
from lecturelib.data import registry, speech
from lecturelib.data.disfluencies import KINDS, Event, Timeline
from lecturelib.data.speech import LANGUAGES, Utterance
from lecturelib.data.splits import SPLITS
from lecturelib.data.synthetic import DIGITS
from lecturelib.frontends.spectrogram import LogMel
from lecturelib.recipes import wav2vec2
from tests.data.leakage import disjoint
from tests.requirements import require


def clip(length: int, seed: int = 0, text: str | None = None) -> Utterance:
    wave = torch.randn(length, generator=Generator().manual_seed(seed))
    return Utterance(wave, 8000, text, "ann", "en", 0, "made")


def small() -> hearing.Hear:
    torch.manual_seed(0)
    return layers_of(wav2vec2("mini"))


def test_frames_of_a_batch_are_those_of_a_clip_alone_in_the_given_order() -> None:
    clips = [clip(length, length) for length in (3000, 1500, 4000, 2000)]
    for hear in (log_mel, small()):
        together = frames(hear, clips, size=3)
        for one, states in zip(clips, together, strict=True):
            torch.testing.assert_close(frames(hear, [one])[0], states, atol=2e-5, rtol=1e-4)
    with pytest.raises(ValueError, match=r"samples make no frame: give at least 416"):
        frames(small(), [clip(100)])
    with pytest.raises(ValueError, match=r"may look at none of .* keys"):
        frames(small(), [clip(300), clip(1000)])


def test_log_mel_is_the_front_end_s() -> None:
    wave = clip(4000).wave
    wave = (wave - wave.mean()) / (wave.std() + 1e-5)
    torch.testing.assert_close(frames(log_mel, [clip(4000)])[0][0], LogMel()(wave[None])[0])


def test_all_layers_are_those_that_the_encoder_traces() -> None:
    torch.manual_seed(0)
    model = wav2vec2("mini").eval()
    waves = torch.randn(2, 4000)
    is_pad = torch.arange(4000) >= torch.tensor([4000, 3000])[:, None]
    states, filling = layers_of(model)(waves, is_pad)
    front = model.frontend
    assert torch.equal(filling, front.frame_pad(is_pad))
    trace = model.encoder.trace(front(waves, filling), filling)
    data = ~filling
    for ours, theirs in zip(states[1:], trace.states, strict=True):
        torch.testing.assert_close(ours[data], theirs[data], atol=1e-5, rtol=1e-4)
    assert torch.equal(states[0], front.project(front.latents(waves)))


def test_a_vector_is_the_mean_and_deviation_of_each_layer() -> None:
    clips = [clip(3000, 1), clip(2000, 2)]
    hear = small()
    vectors = pooled(hear, clips)
    for number, states in enumerate(frames(hear, clips)):
        for layer, one in enumerate(states):
            expected = torch.cat([one.mean(0), one.std(0, correction=0)])
            torch.testing.assert_close(vectors[layer, number], expected, atol=1e-5, rtol=1e-4)


def known_answer(rows: int = 60, layers: int = 3, right: int = 1) -> tuple[Tensor, Question]:
    """Vectors in which only one layer knows the label."""
    rng = Generator().manual_seed(0)
    label = torch.arange(rows) % 3
    vectors = torch.randn(layers, rows, 6, generator=rng)
    vectors[right, :, :3] += 8 * torch.eye(3)[label]
    split = [SPLITS[n // 3 % 3] for n in range(rows)]
    return vectors, question("made", label.tolist(), split)


def test_validation_finds_the_layer_that_knows() -> None:
    for right in range(3):
        vectors, asked = known_answer(right=right)
        choice = speech_probes.choose(vectors, asked, [asked.known])
        assert choice.layer == right
        assert speech_probes.answer(vectors, asked, choice, asked.known) == 100


def test_the_unseen_rows_do_not_choose() -> None:
    vectors, asked = known_answer()
    before = speech_probes.choose(vectors, asked, [asked.known])
    vectors[:, asked.unseen] = 0
    assert speech_probes.choose(vectors, asked, [asked.known]) == before


def test_a_question_has_all_three_splits_and_its_chance() -> None:
    asked = question("made", [0, 1, 1, 1], ["train", "validation", "test", "test"])
    assert asked.unseen.tolist() == [2, 3]
    assert asked.chance == 100
    with pytest.raises(ValueError, match="no clip of 'made' is in validation, test"):
        question("made", [0, 1], ["train", ""])


def test_few_labels_give_the_curve_of_a_loop() -> None:
    vectors, asked = known_answer(rows=90)
    vectors = vectors + 2.5 * torch.randn(vectors.shape, generator=Generator().manual_seed(1))
    curve = speech_probes.few_label_curve({"ours": vectors}, asked, draws=5, per_class=(1, 5))
    assert curve.accuracy["ours"].shape == (2, 5)
    label = asked.label[asked.known]
    tried = [asked.known[speech_probes.few_labels(label, 5, seed=1000 + n)] for n in range(3)]
    choice = speech_probes.choose(vectors, asked, tried)
    for i, count in enumerate((1, 5)):
        for seed in range(5):
            rows = asked.known[speech_probes.few_labels(label, count, seed=seed)]
            expected = speech_probes.answer(vectors, asked, choice, rows)
            assert curve.accuracy["ours"][i, seed] == pytest.approx(expected)


def test_retrieval_across_languages_agrees_with_a_loop() -> None:
    rng = Generator().manual_seed(0)
    known, unseen = (torch.randn(3, n, 4, generator=rng).double() for n in (30, 12))
    found = speech_probes.met(known, unseen, 0.5)
    first = five = 0.0
    for other in (1, 2):
        x, y = known[0], known[other]
        mx, sx, my, sy = x.mean(0), x.std(0, correction=0), y.mean(0), y.std(0, correction=0)
        x, y = (x - mx) / sx, (y - my) / sy
        weights = torch.linalg.inv(x.T @ x / 30 + 0.5 * torch.eye(4).double()) @ (x.T @ y / 30)
        for row in range(12):
            carried = (unseen[0, row] - mx) / sx @ weights
            close = [
                float(torch.cosine_similarity(carried, (u - my) / sy, dim=0)) for u in unseen[other]
            ]
            there = speech_probes.bridge((known[0], known[other]), (unseen[0], unseen[other]), 0.5)
            assert there[row].tolist() == pytest.approx(close)
            rank = 1 + sum(one > close[row] for one in close)
            first, five = first + (rank == 1) / 24, five + (rank <= 5) / 24
    assert found["recall@1"] == pytest.approx(first)
    assert found["recall@5"] == pytest.approx(five)


def test_meanings_that_are_turned_alike_in_every_language_are_found() -> None:
    rng = Generator().manual_seed(0)
    meaning = torch.randn(90, 6, generator=rng)
    turned = [meaning @ torch.linalg.qr(torch.randn(6, 6, generator=rng))[0] for _ in LANGUAGES]
    vectors = torch.stack(turned, dim=1).flatten(0, 1)[None]
    noise = torch.randn(vectors.shape, generator=rng)
    split = [SPLITS[min(n // 150, 2)] for n in range(450)]
    asked = question("prompts", [n % 5 for n in range(450)], split)
    found, layer = speech_probes.across(torch.cat([noise, vectors]), asked)
    assert layer == 1
    assert found["recall@1"] == 1
    nothing, _ = speech_probes.across(noise, asked)
    assert nothing["recall@1"] < 0.15  # chance 1/30


def test_lengths_alone_find_a_meaning_that_is_as_long_everywhere() -> None:
    exam = tiny()
    clips = exam.meanings["test"]
    for n, said in enumerate(clips):
        length = 1000 + 100 * (n // 5) if n % 5 != 4 else 2000 - 100 * (n // 5)
        clips[n] = replace(said, wave=said.wave[:1].repeat(length))
    assert speech_probes.by_length(exam)["recall@1"] == pytest.approx(
        19 / 24
    )  # of the last language one by luck


def test_letters_that_each_frame_shows_are_spelt() -> None:
    """Each letter is one direction for four frames: the probe reads it without an error."""
    rng, letters = Generator().manual_seed(0), "abc"
    texts = ["".join(letters[i] for i in torch.randint(3, (5,), generator=rng)) for _ in range(24)]

    def sound(text: str) -> Tensor:
        rows = []
        for letter in text:
            rows += [torch.eye(4)[letters.index(letter)]] * 4 + [torch.eye(4)[3]] * 2
        clean = torch.stack(rows)
        return torch.stack([torch.randn(clean.shape, generator=rng), clean])

    known, unseen = [sound(t) for t in texts], ["cab", "aabbc"]
    guess = speech_frames.spell(known, texts, [sound(t) for t in unseen])
    assert guess == unseen


def tones(waves: Tensor, is_sample_pad: Tensor) -> tuple[Tensor, Tensor]:
    """An encoder that tells a frame's kind by the value that the wave holds there."""
    values = waves.unfold(1, 160, 160).mean(-1)
    states = torch.stack([values, values.square(), values.pow(3)], -1)
    return states[None], is_sample_pad.unfold(1, 160, 160).any(-1)


def timeline(seed: int) -> Timeline:
    """Events of 0.4 s, at which the wave steps to a value of their own."""
    order = torch.randperm(3, generator=Generator().manual_seed(seed)).tolist()
    wave, events = torch.zeros(16000), []
    for place, kind in enumerate(order):
        start = 0.2 + 0.6 * place
        events.append(Event(KINDS[kind], start, start + 0.4))
        wave[round(8000 * start) : round(8000 * (start + 0.4))] = 1.0 + kind
    return Timeline(replace(clip(100), wave=wave), tuple(events))


def test_events_that_the_encoder_shows_are_located() -> None:
    known, unseen = [timeline(n) for n in range(6)], [timeline(n) for n in (6, 7)]
    guess = speech_frames.stumbles(tones, known, unseen)
    right, f1 = speech_frames.events_heard(guess, unseen)
    assert (right > 0.97, f1) == (True, 1.0)
    only = [replace(one, events=one.events[:1]) for one in known[:1]]
    with pytest.raises(ValueError, match=r"no frame is a .*: give clips in which each kind occurs"):
        speech_frames.stumbles(tones, only, unseen)


def tiny() -> Exam:
    """A few noisy clips of every sort: enough to run the whole table."""
    people = {"train": ("a", "b"), "validation": ("c",), "test": ("d",)}
    digits = {
        split: [
            replace(clip(1200, hash((d, t)) % 99, d), speaker=who, take=t)
            for who in names
            for d in DIGITS
            for t in (0, 3, 5)
        ]
        for split, names in people.items()
    }
    meanings = {
        split: [replace(clip(1500, 7 * n), language=t) for n in range(6) for t in LANGUAGES]
        for split in SPLITS
    }
    strings = {split: [clip(6000, n, "one two") for n in range(4)] for split in ("train", "test")}
    return Exam(digits, meanings, strings, {split: [timeline(3)] * 2 for split in SPLITS})


def test_one_table_for_every_encoder_with_chance_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech_frames, "STEPS", 3)
    asked = tiny()
    for hear, layers in ((log_mel, 1), (small(), 5)):
        report = speech_probes.superb(hear, asked)
        assert list(report.score) == list(asked.chance)
        assert all(0 <= layer < layers for layer in report.layer.values())
    assert asked.chance["meaning, first"] == pytest.approx(100 / 6)
    assert asked.chance["language, one voice"] == 50


def test_strangers_stay_strangers_and_takes_are_not_shared() -> None:
    asked = tiny()
    word, speaker = asked.questions["spoken word"], asked.questions["speaker"]
    clips = asked.clips["digits"]
    assert disjoint([{clips[r].speaker for r in rows.tolist()} for rows in word[2:]])
    takes = [{clips[r].take for r in rows.tolist()} for rows in speaker[2:]]
    assert takes == [{5}, {3}, {0}]
    twice = asked.questions["language, one voice"]
    prompts = asked.clips["prompts"]
    assert {prompts[r].language for rows in twice[2:] for r in rows.tolist()} == {"en", "es"}


def test_the_real_exam_shares_nothing() -> None:
    here = all(registry.find(f"prompts.{language}") for language in speech.LANGUAGES)
    require("mirror", registry.find("fsdd") is not None, "fsdd is not in the cache or mirror")
    if not here:
        pytest.skip("the prompts are not in the cache: python -m lecturelib data fetch prompts")
    asked = speech_exam.exam()
    for parts in (asked.digits, asked.meanings, asked.strings):
        assert disjoint([{u.wave.numpy().tobytes() for u in part} for part in parts.values()])
    assert disjoint([{u.speaker for u in part} for part in asked.strings.values()])
    assert disjoint([{one.said.speaker for one in part} for part in asked.timelines.values()])
    assert round(sum(len(u.wave) for u in asked.clips["prompts"]) / 8000) > 600


def test_who_speaks_is_asked_of_other_takes_and_the_word_of_strangers() -> None:
    """Takes 0-2 answer, 3-4 choose, the rest teach; the word's split is the person's."""
    people = {"train": "ann", "validation": "bob", "test": "cy"}
    said = {
        split: [replace(clip(2000), speaker=who, text="nine", take=take) for take in range(10)]
        for split, who in people.items()
    }
    by_person = speech_exam.which_word(said)
    assert by_person.known.tolist() == list(range(10))
    assert by_person.unseen.tolist() == list(range(20, 30))
    assert set(by_person.label.tolist()) == {9}
    by_take = speech_exam.who_speaks(said)
    assert by_take.label.tolist() == [0] * 10 + [1] * 10 + [2] * 10
    assert sorted({row % 10 for row in by_take.known.tolist()}) == [5, 6, 7, 8, 9]
    assert sorted({row % 10 for row in by_take.valid.tolist()}) == [3, 4]
    assert sorted({row % 10 for row in by_take.unseen.tolist()}) == [0, 1, 2]
