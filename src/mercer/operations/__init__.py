"""What runs beside the requests, as staff see it: the audit, the log of events, jobs.

It owns no data: `platform` writes all of it. It owns who may look at it, and what staff may do about a job.
"""
