"""Listen to a code: how often each is used while a model learns, and which sounds it stands for."""

from collections.abc import Sequence
from typing import Any

import anywidget
import numpy as np
import traitlets

from lecturelib.adapt.codes import Occurrence
from lecturelib.viz.explorers.books import NEAR, SHOWN, Book, books_figure, for_browser, verdict
from lecturelib.viz.explorers.pieces import PAUSE, PIECE, RATE, Recordings
from lecturelib.viz.explorers.stage import front_end, mimebundle
from lecturelib.viz.sound import mp3


class CodebookExplorer(anywidget.AnyWidget):
    """The explorer, made by `codebook`. Set `at` (a snapshot) or `chosen` ([group, code] each)."""

    _esm, _css = front_end("heat", "clips", "pieces", "codebook_picture", "codebook")
    about = traitlets.Dict().tag(sync=True)  # names, perplexities, what the books know
    use = traitlets.List(traitlets.Bytes()).tag(sync=True)  # shares of each book, float32
    at = traitlets.Int(0).tag(sync=True)
    chosen = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)
    pieces = traitlets.List().tag(sync=True)  # what is shown of the chosen codes' places
    books = traitlets.List()
    recordings = traitlets.Instance(Recordings)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.on_msg(self._play)

    def _play(self, _: Any, asked: dict[str, Any], __: list) -> None:
        """The browser asks for a code, or for one of its places: only what is heard travels."""
        book, group, code, *one = (int(number) for number in asked["clip"].split())
        places = self.places(book, group, code)
        wanted = places[one[0] : one[0] + 1] if one else places
        self.send(asked, [mp3(self.recordings.sound(wanted), RATE)])

    def places(self, book: int, group: int, code: int) -> Sequence[Occurrence]:
        return self.books[book].places[group][code][:SHOWN]

    @traitlets.validate("at", "chosen")
    def _check_move(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        if name == "at":
            last = len(self.books[0].steps) - 1
            if not 0 <= value <= last:
                raise ValueError(f"at={value} is none of 0 to {last}")
            return value
        sizes = [list(book.use.shape[1:]) for book in self.books]
        if len(value) != len(sizes) or not all(map(_is_code, value, sizes)):
            raise ValueError(f"chosen={value}: give a [group, code] a book, below {sizes}")
        return value

    @traitlets.observe("chosen")
    def _show_places(self, _: Any) -> None:
        self.pieces = [
            [self.recordings.facts(place) for place in self.places(book, *code)]
            for book, code in enumerate(self.chosen)
        ]

    def __repr__(self) -> str:
        first = self.books[0]
        hard = first.hard()[self.at]
        groups, codes = first.use.shape[1:]
        heard = [
            f"{book.name}: group {group + 1}, code {code}"
            for book, (group, code) in zip(self.books, self.chosen, strict=True)
        ]
        return (
            f"CodebookExplorer(step {first.steps[self.at]:,}: hard perplexity {hard:.1f} of "
            f"{groups * codes}; {', '.join(heard)}. {self.about['verdict']})"
        )

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        figure = books_figure(self.books, self.recordings, self.at, self.chosen)
        return mimebundle(self, figure)


def _is_code(code: Sequence[int], size: Sequence[int]) -> bool:
    return len(code) == 2 and all(0 <= one < end for one, end in zip(code, size, strict=True))


def codebook(recordings: Recordings, books: Sequence[Book]) -> CodebookExplorer:
    """Play the training, click a code, hear it eight times with 150 ms around it.

    books  one, or two side by side, such as wav2vec 2.0 and k-means of log-mel frames: the second
           has one snapshot, or as many as the first

    Starts at the first book's last snapshot, with each book's most frequent code.
    """
    if len(books) not in (1, 2):
        raise ValueError(f"{len(books)} books: show one, or two side by side")
    if len(books[-1].steps) not in (1, len(books[0].steps)):
        found = f"{books[1].name} has {len(books[1].steps)} snapshots"
        raise ValueError(f"{found}: give one, or {len(books[0].steps)} as {books[0].name}")
    if len({tuple(book.knows) for book in books}) > 1:
        raise ValueError("the books know different things: ask both the same")
    for place in (one for book in books for group in book.places for code in group for one in code):
        recordings.check(place)
    about = {
        "books": [for_browser(book) for book in books],
        "verdict": verdict(books),
        "near": NEAR,
        "period": (PIECE + PAUSE) / RATE,
    }
    shares = [book.share() for book in books]
    widget = CodebookExplorer(
        about=about,
        use=[share.astype("<f4").tobytes() for share in shares],
        books=list(books),
        recordings=recordings,
        at=len(books[0].steps) - 1,
    )
    last = [np.unravel_index(share[-1].argmax(), share.shape[1:]) for share in shares]
    widget.chosen = [[int(number) for number in code] for code in last]
    return widget
