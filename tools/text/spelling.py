"""Finds the word of a vocabulary that a misspelled word means."""

from collections.abc import Mapping

SHORT, LONG = 5, 9
"""Letters from which one edit is forgiven, and from which two are."""


def misspelled(word: str, vocabulary: Mapping[str, int]) -> str:
    """Return the word of a vocabulary that another one is likely meant to be, or nothing.

    It begins with the same letter, and is one edit away (two in long words); a swap of neighbors is
    one edit.

    Args:
        word: a word that the vocabulary lacks.
        vocabulary: words with how often they occur: of equally near ones the most usual counts.
    """
    most = 0 if len(word) < SHORT or not word.isalpha() else 1 if len(word) < LONG else 2
    near = [
        (edits(word, other, most), -count, other)
        for other, count in vocabulary.items()
        if most and other[:1] == word[:1] and abs(len(other) - len(word)) <= most
        if other.isalpha()
    ]
    good = [row for row in near if row[0] <= most]
    return min(good)[2] if good else ""


def edits(one: str, other: str, most: int) -> int:
    """Return how many letters differ, a swap of neighbors counting one; `most` + 1 if more."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, sign in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, theirs in enumerate(other, 1):
            value = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (sign != theirs))
            if i > 1 and j > 1 and sign == other[j - 2] and one[i - 2] == theirs:
                value = min(value, older[j - 2] + 1)
            row.append(value)
        if min(row) > most:
            return most + 1
    return row[-1]
