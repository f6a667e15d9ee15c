"""Where clients find media."""

from mercer.platform.settings import Settings


def media_address(settings: Settings) -> str:
    """The address that paths of media are put behind."""
    return f"{(settings.media_url or f'{settings.address}/media').rstrip('/')}/"
