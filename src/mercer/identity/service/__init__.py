"""What can be done with accounts, sessions, roles and permissions."""

from mercer.identity.service.accounts import find_open_demo_accounts, store_demo_account
from mercer.identity.service.api_keys import (
    create_api_key,
    find_api_key,
    note_api_key_used,
    revoke_api_key,
    rotate_api_key,
    update_api_key,
)
from mercer.identity.service.bounds import check_bounds
from mercer.identity.service.confirming import confirm_session
from mercer.identity.service.customers import (
    block_customer,
    register_customer,
    request_verification,
    unblock_customer,
    update_customer,
    verify_customer,
)
from mercer.identity.service.email_change import confirm_email_change, request_email_change, undo_email_change
from mercer.identity.service.factors import (
    confirm_factor,
    create_factor,
    delete_factor,
    encrypt_anew,
    make_recovery_codes,
    remove_factors,
)
from mercer.identity.service.foreign_sessions import (
    end_customer_session,
    end_customer_sessions,
    end_staff_session,
    end_staff_sessions,
)
from mercer.identity.service.lookups import find_customer, find_staff, lock_customer
from mercer.identity.service.passwords import change_password
from mercer.identity.service.recovery import (
    invite_staff,
    recover_staff,
    recover_staff_here,
    remove_customer_factors,
    request_password_reset,
    reset_password,
    set_staff_password,
)
from mercer.identity.service.refreshing import refresh_session, renew_session
from mercer.identity.service.retention import forget_old
from mercer.identity.service.roles import create_role, delete_role, find_role, set_staff_roles, update_role
from mercer.identity.service.sessions import (
    end_session,
    find_session,
    list_outdated_sessions,
    note_session_seen,
    open_session,
    revoke_other_sessions,
    revoke_session,
)
from mercer.identity.service.sign_in import sign_in, sign_in_with_factor
from mercer.identity.service.staff import create_staff, set_staff_active, update_staff
from mercer.identity.service.stored import store_customers
from mercer.identity.service.telling import (
    count_recovery_codes,
    find_email_change,
    find_made_key,
    find_occasion,
    find_opening,
    is_token_needed,
    list_administrators,
)
from mercer.identity.service.throttling import count_wrong
from mercer.identity.service.tokens import issue_token
from mercer.identity.service.unlocking import unlock_sign_in

__all__ = [
    "block_customer",
    "change_password",
    "check_bounds",
    "confirm_email_change",
    "confirm_factor",
    "confirm_session",
    "count_recovery_codes",
    "count_wrong",
    "create_api_key",
    "create_factor",
    "create_role",
    "create_staff",
    "delete_factor",
    "delete_role",
    "encrypt_anew",
    "end_customer_session",
    "end_customer_sessions",
    "end_session",
    "end_staff_session",
    "end_staff_sessions",
    "find_api_key",
    "find_customer",
    "find_email_change",
    "find_made_key",
    "find_occasion",
    "find_open_demo_accounts",
    "find_opening",
    "find_role",
    "find_session",
    "find_staff",
    "forget_old",
    "invite_staff",
    "is_token_needed",
    "issue_token",
    "list_administrators",
    "list_outdated_sessions",
    "lock_customer",
    "make_recovery_codes",
    "note_api_key_used",
    "note_session_seen",
    "open_session",
    "recover_staff",
    "recover_staff_here",
    "refresh_session",
    "register_customer",
    "remove_customer_factors",
    "remove_factors",
    "renew_session",
    "request_email_change",
    "request_password_reset",
    "request_verification",
    "reset_password",
    "revoke_api_key",
    "revoke_other_sessions",
    "revoke_session",
    "rotate_api_key",
    "set_staff_active",
    "set_staff_password",
    "set_staff_roles",
    "sign_in",
    "sign_in_with_factor",
    "store_customers",
    "store_demo_account",
    "unblock_customer",
    "undo_email_change",
    "unlock_sign_in",
    "update_api_key",
    "update_customer",
    "update_role",
    "update_staff",
    "verify_customer",
]
