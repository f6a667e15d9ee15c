"""What can be done with payments.

The verbs that speak to a provider say so: they are called outside any transaction, and open short ones themselves.
Whatever a provider tells, by whichever way, is applied by `apply_events`, and by nothing else.
"""

from mercer.payments.service.applying import apply_events as apply_events
from mercer.payments.service.applying import standing as standing
from mercer.payments.service.asking import continue_attempt as continue_attempt
from mercer.payments.service.asking import fetch as fetch
from mercer.payments.service.asking import poll as poll
from mercer.payments.service.charging import begin_attempt as begin_attempt
from mercer.payments.service.charging import charge as charge
from mercer.payments.service.charging import check_payment as check_payment
from mercer.payments.service.charging import open_intent as open_intent
from mercer.payments.service.inbox import load_inbox as load_inbox
from mercer.payments.service.inbox import mark_inbox as mark_inbox
from mercer.payments.service.inbox import receive_webhook as receive_webhook
from mercer.payments.service.refunding import carry_out_refund as carry_out_refund
from mercer.payments.service.refunding import close_intent as close_intent
