"""What Mercer tells people of its own accord: mails, from what the other modules announce.

Owns the mails' templates and the record of what was sent. Does not own addresses, names or tokens: `identity` does.
"""
