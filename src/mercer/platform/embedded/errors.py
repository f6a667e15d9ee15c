"""What can go wrong with the embedded servers. Each message is for the person at the terminal."""


class EmbeddedError(Exception):
    """An embedded server cannot be used."""


class StartFailed(EmbeddedError):
    """A program ended before it was ready."""


class StopFailed(EmbeddedError):
    """A program did not stop when asked, and was killed."""


class Unreachable(EmbeddedError):
    """A directory is not private enough for the servers, or they cannot reach it."""
