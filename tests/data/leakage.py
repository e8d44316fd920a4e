"""What every split is asked."""

from collections.abc import Sequence


def disjoint(parts: Sequence[set]) -> bool:
    """Nothing is in two of the parts, and no part is empty (else there is nothing to test)."""
    return all(parts) and len(set().union(*parts)) == sum(map(len, parts))
