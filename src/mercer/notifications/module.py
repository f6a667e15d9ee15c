"""What notifications plug in."""

from mercer.fulfilment.events import ShipmentCreated
from mercer.identity.events import (
    AccountHeldUp,
    ApiKeyCreated,
    CustomerEmailChanged,
    CustomerEmailRestored,
    CustomerRegistered,
    EmailChangeRequested,
    EmailChangeTaken,
    FactorAdded,
    FactorRemoved,
    PasswordChanged,
    PasswordResetRequested,
    RecoveryCodesMade,
    RecoveryCodeUsed,
    RegistrationRepeated,
    SessionReplayed,
    StaffCreated,
    StaffInvited,
    StaffRecoveryBegun,
    VerificationRequested,
)
from mercer.notifications import handlers, jobs
from mercer.notifications.graphql import admin, admin_mutations
from mercer.orders.events import OrderCancelled, OrderPlaced
from mercer.platform.module import GraphQL, Module

module = Module(
    name="notifications",
    admin=GraphQL(query=admin.Query, mutations=(admin_mutations,), listings=admin.LISTINGS),
    handlers={
        CustomerRegistered: (handlers.ask_to_verify,),
        RegistrationRepeated: (handlers.tell_of_registration,),
        PasswordResetRequested: (handlers.send_reset,),
        PasswordChanged: (handlers.tell_of_password,),
        VerificationRequested: (handlers.ask_to_verify,),
        EmailChangeRequested: (handlers.confirm_address,),
        CustomerEmailChanged: (handlers.tell_of_address,),
        CustomerEmailRestored: (handlers.tell_of_old_address,),
        EmailChangeTaken: (handlers.tell_of_wanted_address,),
        FactorAdded: (handlers.tell_of_factor,),
        FactorRemoved: (handlers.tell_of_factor,),
        RecoveryCodesMade: (handlers.tell_of_codes,),
        RecoveryCodeUsed: (handlers.tell_of_codes,),
        SessionReplayed: (handlers.tell_of_replay,),
        AccountHeldUp: (handlers.send_unlock,),
        StaffCreated: (handlers.invite_staff,),
        StaffInvited: (handlers.invite_staff,),
        StaffRecoveryBegun: (handlers.recover_staff,),
        ApiKeyCreated: (handlers.tell_of_key,),
        OrderPlaced: (handlers.confirm_order,),
        ShipmentCreated: (handlers.tell_of_shipment,),
        OrderCancelled: (handlers.tell_of_cancellation,),
    },
    jobs=(jobs.send_mail, jobs.forget_old_mails),
)
