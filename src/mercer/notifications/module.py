"""What notifications plug in."""

from mercer.identity.events import (
    CustomerRegistered,
    PasswordChanged,
    PasswordResetRequested,
    RegistrationRepeated,
    StaffCreated,
)
from mercer.notifications import handlers, jobs
from mercer.notifications.graphql import admin, admin_mutations
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
    },
    jobs=(jobs.send_mail, jobs.forget_old_mails),
)
