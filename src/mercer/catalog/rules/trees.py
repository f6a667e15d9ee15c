"""The category tree."""

from collections.abc import Mapping

from mercer.catalog.errors import CategoryCycle, CategoryUnknown


def check_tree(parents: Mapping[str, str | None]) -> None:
    """Refuse a tree, given as the parent of each slug, with an unknown parent or a circle.

    Raises `CategoryUnknown`, `CategoryCycle`.
    """
    rooted = set[str]()
    for slug in parents:
        path = dict[str, None]()
        above: str | None = slug
        while above is not None and above not in rooted:
            if above in path:
                raise CategoryCycle(category=above)
            if above not in parents:
                raise CategoryUnknown(category=above)
            path[above] = None
            above = parents[above]
        rooted |= path.keys()
