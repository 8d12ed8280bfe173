"""Tell a reasoning model's thinking from its answer while the text streams."""

from app.models.chat import Thought, Token

OPENING = "<think>"
CLOSING = "</think>"


class ThinkSplitter:
    """Turns streamed text into Tokens and Thoughts, wherever the pieces are cut.

    A block is `<think>…</think>` that begins a line; the same tag within a line is text,
    since an answer may quote it. White space before the answer is dropped. A block that is
    never closed is thinking to its end. Text comes out at once, except for what may still
    turn out to be a tag.
    """

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False
        self._line_start = True  # only white space since the last line break
        self._answering = False  # some answer text has come out

    def feed(self, text: str) -> list[Token | Thought]:
        """Take the next piece of the stream; give what is certain by now."""
        self._held += text
        pieces: list[Token | Thought] = []
        while self._held:
            before = len(self._held)
            self._take_thought(pieces) if self._thinking else self._take_text(pieces)
            if len(self._held) == before:
                break
        return pieces

    def flush(self) -> list[Token | Thought]:
        """The stream has ended: give what was held back."""
        held, self._held = self._held, ""
        if self._thinking:
            return [Thought(held)] if held else []
        if not self._answering:
            held = held.lstrip()
        return [Token(held)] if held else []

    def _take_thought(self, pieces: list[Token | Thought]) -> None:
        end = self._held.find(CLOSING)
        if end >= 0:
            self._thinking, self._line_start = False, True
            thought, self._held = self._held[:end], self._held[end + len(CLOSING) :]
        else:
            keep = _tail_that_may_be(CLOSING, self._held)
            cut = len(self._held) - keep
            thought, self._held = self._held[:cut], self._held[cut:]
        if thought:
            pieces.append(Thought(thought))

    def _take_text(self, pieces: list[Token | Thought]) -> None:
        if self._line_start:
            rest = self._held.lstrip()
            if self._answering and len(rest) < len(self._held):
                pieces.append(Token(self._held[: len(self._held) - len(rest)]))
                self._held = rest
            if rest.startswith(OPENING):
                self._thinking, self._held = True, rest[len(OPENING) :]
                return
            if OPENING.startswith(rest):  # also when only white space is there yet
                return
            self._held, self._line_start, self._answering = rest, False, True
        line, newline, self._held = self._held.partition("\n")
        self._line_start = bool(newline)
        pieces.append(Token(line + newline))


def _tail_that_may_be(tag: str, text: str) -> int:
    """How many characters at the end of `text` could begin `tag`."""
    for size in range(min(len(tag) - 1, len(text)), 0, -1):
        if tag.startswith(text[-size:]):
            return size
    return 0
