"""One meaning in several languages: the telephone prompts, paired by the name of their file."""

import io
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from functools import cache
from pathlib import Path

from lecturelib.data import registry, speech
from lecturelib.data import synthetic as espeak
from lecturelib.data.speech import LANGUAGES, VOICES, Utterance
from lecturelib.data.splits import check_split, plain, shuffled

LONGEST = 3.0  # seconds, in every language
SPELT = ("letters/", "phonetic/")  # nearly the same sound everywhere

Said = dict[str, Utterance]
"""Language -> the recording."""


def translations(
    split: str, languages: Sequence[str] = LANGUAGES, rate: int = 8000
) -> dict[str, Said]:
    """Name of a prompt -> what is said in each language; only prompts that all of them have.

    About half of the meanings are train, a sixth validation, a third test, seed 0. A meaning whose
    text occurred before in some language is left out, so that no text is in two splits; letters
    and spelling alphabets, which sound alike everywhere, are left out, too, and clips over 3 s.
    Without network: sentences of our own, synthetic speech, one voice a language.
    """
    check_split(split)
    said = _all(tuple(languages), rate)
    names = shuffled(list(said), len(said) // 2, len(said) // 6)[split]
    return {name: said[name] for name in names}


@cache
def _all(languages: tuple[str, ...], rate: int) -> dict[str, Said]:
    if unknown := set(languages) - set(LANGUAGES):
        raise ValueError(f"prompts are not spoken in {sorted(unknown)}: choose of {LANGUAGES}")
    try:
        folders = [registry.fetch(f"prompts.{language}") for language in languages]
        said, why = _recordings(folders, rate), ""
    except registry.Unavailable as error:
        said, why = _synthetic(languages, rate), error.why
    source = next(iter(said.values()))[languages[0]].source
    what = f"translations ({', '.join(languages)}): {len(said)} meanings"
    registry.report(what, source, why)
    return said


def _recordings(folders: Sequence[Path], rate: int) -> dict[str, Said]:
    listings = {
        folder.name: speech.transcripts(
            (folder / f"core-sounds-{folder.name}.txt").read_text("utf-8-sig")
        )
        for folder in folders
    }
    said = {}
    for name in distinct(listings):
        paths = {folder.name: folder / f"{name}.wav" for folder in folders}
        if name.startswith(SPELT) or not all(path.is_file() for path in paths.values()):
            continue
        waves = {lang: speech.read(path, rate, resample=True) for lang, path in paths.items()}
        if max(map(len, waves.values())) <= LONGEST * rate:
            said[name] = {
                lang: Utterance(
                    wave,
                    rate,
                    listings[lang][name],
                    VOICES[lang],
                    lang,
                    None,
                    registry.origin(paths[lang]),
                )
                for lang, wave in waves.items()
            }
    return said


def distinct(listings: dict[str, dict[str, str]]) -> list[str]:
    """Names that every language has, in order; the first one only where a text comes again."""
    seen: dict[str, set[str]] = {language: set() for language in listings}
    found = []
    for name in sorted(set.intersection(*map(set, listings.values()))):
        texts = {language: plain(listings[language][name]) for language in listings}
        if not any(texts[language] in seen[language] for language in listings):
            found.append(name)
        for language, text in texts.items():
            seen[language].add(text)
    return found


def _synthetic(languages: Sequence[str], rate: int) -> dict[str, Said]:
    """The n-th sentence of our own means the same in every language."""
    with redirect_stdout(io.StringIO()):
        spoken = {
            language: speech.synthetic(espeak.sentences(language), [f"{language}+f2"], rate)
            for language in languages
        }
    count = len(next(iter(spoken.values())))
    return {
        f"sentence {n}": {lang: replace(spoken[lang][n], language=lang) for lang in languages}
        for n in range(count)
    }
