"""What can be done with mails."""

from .delivery import deliver_mail as deliver_mail
from .queueing import forget_old_mails as forget_old_mails
from .queueing import queue_mail as queue_mail
from .queueing import resend_mail as resend_mail
from .writing import find_recipient as find_recipient
from .writing import preview_mail as preview_mail
