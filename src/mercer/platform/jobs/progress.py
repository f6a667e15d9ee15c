"""How far a running job is, and whether it is still wanted."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from mercer.platform.context import Context
from mercer.platform.jobs.errors import JobCancelled
from mercer.platform.jobs.schema import job_note


async def report(context: Context, *, done: int, total: int | None = None) -> None:
    """Tell how much of its work a job has done, at once visible to staff. Raises `JobCancelled`.

    It takes a transaction of its own: call it every second or so, not for each row. Outside a job it does nothing.
    """
    if context.job_id is None:
        return
    far = {"done": done, "total": total}
    noted = insert(job_note).values(job_id=context.job_id, **far)
    noted = noted.on_conflict_do_update(index_elements=[job_note.c.job_id], set_=far)
    async with context.database.transaction() as connection:
        unwanted: sa.Result[tuple[object]] = await connection.execute(noted.returning(job_note.c.cancel_requested_at))
        if unwanted.scalar_one() is not None:
            raise JobCancelled
