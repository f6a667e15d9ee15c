"""Mail: what it says, from templates; how it looks, from MJML; and how it leaves, by SMTP or into a folder."""

from .messages import Address as Address
from .messages import compose as compose
from .sending import MailDelayed as MailDelayed
from .sending import MailRefused as MailRefused
from .sending import send as send
from .templates import Templates as Templates
from .templates import Written as Written
