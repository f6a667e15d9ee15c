"""What mails about accounts say: what happened when, and from where."""

from collections.abc import Mapping
from typing import Any

from mercer.identity.models import MadeKey, Occasion
from mercer.identity.service import count_recovery_codes, find_made_key, find_occasion, find_opening
from mercer.notifications.models import Cause, MailTemplate, Recipient
from mercer.notifications.rules import hinted, moment
from mercer.notifications.service.addressing import Letter
from mercer.platform.context import Context


async def account_values(context: Context, *, letter: Letter, language: str, cause: Cause) -> Mapping[str, Any]:
    """What a mail may say of an account, or of a key."""
    recipient, template = letter.recipient, letter.template
    values = _placed(await _occasion(context, recipient, cause), language)
    if template is MailTemplate.SESSION_REPLAYED:
        opening = None
        if recipient.session_id is not None:
            opening = await find_opening(context, session_id=recipient.session_id)
        values["session"] = None if opening is None else _placed(opening, language)
    if template is MailTemplate.RECOVERY_CODE_USED:
        values["codes_left"] = await count_recovery_codes(
            context, customer_id=recipient.customer_id, staff_id=recipient.staff_id
        )
    if template is MailTemplate.ADDRESS_CHANGED:
        values["new_email"] = hinted(letter.addressee.email if letter.change is None else letter.change.new_email)
    if recipient.api_key_id is not None:
        values["key"] = _said_key(await find_made_key(context, api_key_id=recipient.api_key_id), recipient)
    return values


async def _occasion(context: Context, recipient: Recipient, cause: Cause) -> Occasion:
    owner_id = recipient.customer_id or recipient.staff_id
    assert owner_id is not None
    named = (recipient.email_change_id, recipient.session_id, recipient.api_key_id)
    about = [each for each in named if each is not None]
    found = await find_occasion(context, owner_id=owner_id, about=about, request_id=cause.request_id)
    return found or Occasion(at=cause.at, ip=None, device=None)


def _placed(occasion: Occasion, language: str) -> dict[str, Any]:
    return {"when": moment(occasion.at, language), "device": occasion.device, "ip": occasion.ip}


def _said_key(key: MadeKey | None, recipient: Recipient) -> Mapping[str, Any]:
    assert key is not None, "keys are kept"
    return {
        "name": key.name,
        "prefix": key.prefix,
        "maker": key.maker,
        "is_own": key.created_by == recipient.staff_id,
    }
