"""Who people are and what they may do: customers, staff, roles, sessions, and the throttling of those who guess.

Owns no addresses and no orders; it mails nobody, but announces what `notifications` writes about.
"""
