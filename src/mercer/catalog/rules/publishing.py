"""When a product is seen in a channel."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mercer.catalog.errors import PublicationTimesInvalid
from mercer.catalog.models import PublicationStatus


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a product stands in a channel."""

    status: PublicationStatus
    publish_at: datetime
    unpublish_at: datetime | None

    def is_seen(self, now: datetime) -> bool:
        """Say whether the product is seen at this moment."""
        has_ended = self.unpublish_at is not None and self.unpublish_at <= now
        return self.status is PublicationStatus.PUBLISHED and self.publish_at <= now and not has_ended

    def changes_at(self, now: datetime) -> datetime | None:
        """When it begins or ends to be seen next; None when it stays as it is."""
        if self.status is not PublicationStatus.PUBLISHED:
            return None
        return min((moment for moment in (self.publish_at, self.unpublish_at) if moment and moment > now), default=None)


def published(
    before: Standing | None, *, publish_at: datetime | None, unpublish_at: datetime | None, now: datetime
) -> Standing:
    """Published from then until then: without times from now on and without an end.

    What is seen already, and shall go on to be, keeps the time since when. Raises `PublicationTimesInvalid`.
    """
    since = before.publish_at if before is not None and before.is_seen(now) else now
    start = publish_at or since
    if unpublish_at is not None and unpublish_at <= start:
        raise PublicationTimesInvalid().at("unpublish_at")
    return Standing(status=PublicationStatus.PUBLISHED, publish_at=start, unpublish_at=unpublish_at)


def unpublished(before: Standing, *, at: datetime | None, now: datetime) -> Standing:
    """Not seen any more, from then on or at once. What is not seen at all by then is a draft."""
    if at is None or at <= now or at <= before.publish_at or before.status is not PublicationStatus.PUBLISHED:
        status = PublicationStatus.DRAFT
        return Standing(status=status, publish_at=before.publish_at, unpublish_at=None)
    return Standing(status=before.status, publish_at=before.publish_at, unpublish_at=at)


def moments(publish_at: datetime, unpublish_at: datetime | None, *, since: datetime, now: datetime) -> Iterator[bool]:
    """What has come to pass of a schedule from a moment on, that moment included: True began, False ended."""
    if since <= publish_at <= now:
        yield True
    if unpublish_at is not None and since <= unpublish_at <= now:
        yield False
