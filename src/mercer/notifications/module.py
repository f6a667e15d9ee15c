"""What notifications plug in."""

from mercer.fulfilment.events import ShipmentCreated
from mercer.identity.events import (
    CustomerRegistered,
    PasswordChanged,
    PasswordResetRequested,
    RegistrationRepeated,
    StaffCreated,
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
        StaffCreated: (handlers.welcome_staff,),
        OrderPlaced: (handlers.confirm_order,),
        ShipmentCreated: (handlers.tell_of_shipment,),
        OrderCancelled: (handlers.tell_of_cancellation,),
    },
    jobs=(jobs.send_mail, jobs.forget_old_mails),
)
