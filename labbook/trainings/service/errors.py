"""Why a verb was not carried out."""

from __future__ import annotations


class ClashError(Exception):
    """It cannot be done as things stand now; `sentence` says why, and is marked for translation."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
