"""What a document may ask for. All of it is checked before anything is executed, and cheaply when it is refused."""

from mercer.platform.errors import RequestRefused


class LimitExceeded(RequestRefused):
    """A document asks for more than the settings allow."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message, code=code, status=422)
