"""What can be done with payments.

The verbs that speak to a provider say so: they are called outside any transaction, and open short ones themselves.
Whatever a provider tells, by whichever way, is applied by `apply_events`, and by nothing else.
"""

from mercer.payments.service.applying import apply_events as apply_events
from mercer.payments.service.applying import lock_standing as lock_standing
from mercer.payments.service.applying import standing as standing
from mercer.payments.service.asking import continue_attempt as continue_attempt
from mercer.payments.service.asking import fetch as fetch
from mercer.payments.service.asking import poll as poll
from mercer.payments.service.charging import begin_attempt as begin_attempt
from mercer.payments.service.charging import charge as charge
from mercer.payments.service.charging import check_attempt as check_attempt
from mercer.payments.service.charging import check_payment as check_payment
from mercer.payments.service.charging import open_intent as open_intent
from mercer.payments.service.exceptions import refund_exception as refund_exception
from mercer.payments.service.exceptions import resolve_exception as resolve_exception
from mercer.payments.service.inbox import load_inbox as load_inbox
from mercer.payments.service.inbox import mark_inbox as mark_inbox
from mercer.payments.service.inbox import receive_webhook as receive_webhook
from mercer.payments.service.moving import capture_attempt as capture_attempt
from mercer.payments.service.moving import receive_manual as receive_manual
from mercer.payments.service.offers import list_providers as list_providers
from mercer.payments.service.offers import set_offer as set_offer
from mercer.payments.service.offers import store_offers as store_offers
from mercer.payments.service.opening import open_payment as open_payment
from mercer.payments.service.refunding import carry_out_refund as carry_out_refund
from mercer.payments.service.refunding import close_intent as close_intent
