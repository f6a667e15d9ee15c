"""The e-mail address that an order's mails go to."""

from email_validator import EmailNotValidError, validate_email

from mercer.cart.errors import EmailInvalid

LONGEST = 254
"""RFC 5321, 4.5.3.1.3, less the brackets."""


def read_email(typed: str) -> str:
    """The address in its normal form: the domain in small letters, the rest as it was typed. Raises `EmailInvalid`.

    Whether the domain exists is not asked: that takes the network, and the mail will tell.
    """
    if len(typed) > LONGEST:
        raise EmailInvalid().at("email")
    try:
        return validate_email(typed.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise EmailInvalid().at("email") from None
