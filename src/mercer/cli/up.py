"""`mercer up`: everything that Mercer needs, in one process tree."""

import asyncio
from collections.abc import Sequence

from mercer.cli.api import api, refuse_taken_port
from mercer.cli.seed import seed_demo_if_empty
from mercer.cli.staff import find_open_demo_accounts, refuse_demo_passwords
from mercer.cli.terminal import say, until_stopped
from mercer.cli.worker import worker_service
from mercer.identity.models import Audience, DemoAccount
from mercer.platform import embedded, migrations
from mercer.platform.settings import Settings, load_settings

_SIGN_IN = {Audience.ADMIN: "Staff      ", Audience.SHOP: "Customer   "}


async def up() -> None:
    """Run Mercer: PostgreSQL, Valkey, both APIs and a worker, until Ctrl-C.

    The database is migrated first; an empty one gets the demo shop. What dies is started again.

    The settings that matter here, with their defaults:

    - `MERCER_DATA_DIR=.mercer`: where the data is kept. As root it is kept under /var/lib/mercer unless this is set.
    - `MERCER_HOST=127.0.0.1`, `MERCER_PORT=8000`: where the APIs listen.
    - `MERCER_WORKERS=1`: how many processes serve them.
    - `MERCER_DATABASE_URL`, `MERCER_VALKEY_URL`: servers to use instead of running PostgreSQL and Valkey.
    - `MERCER_ENVIRONMENT=development`: or `production`, which refuses unsafe settings.

    It ends with 0 when it was stopped, with 1 when something could not start or stop, with 2 for a wrong setting.
    """
    settings = load_settings()
    with until_stopped():
        await _run(settings)
    say("Stopped.")


async def _run(settings: Settings) -> None:
    say("Starting …")
    async with embedded.servers(settings, command="mercer up", say=say) as servers:
        refuse_taken_port(settings)
        await asyncio.to_thread(migrations.upgrade, servers.database_url, say=say)
        if await seed_demo_if_empty(servers.within(settings)):
            say("Put the demonstration shop into the empty database.")
        await refuse_demo_passwords(servers.within(settings))
        accounts = [] if settings.is_production else await find_open_demo_accounts(servers.within(settings))
        async with (
            embedded.kept_running(api(settings, servers), say=say),
            embedded.kept_running(worker_service(settings, servers), say=say),
        ):
            say(_welcome(settings, servers, accounts))
            await asyncio.get_running_loop().create_future()


def _welcome(settings: Settings, servers: embedded.Servers, accounts: Sequence[DemoAccount]) -> str:
    lines = [
        "",
        "Mercer is running.",
        "",
        f"  Shop API    {settings.address}/shop/graphql",
        f"  Admin API   {settings.address}/admin/graphql",
    ]
    lines += [f"  {_SIGN_IN[each.audience]} {each.email}, password {each.password}" for each in accounts]
    if not settings.is_production:
        lines.append("  Payments    provider simulator, with a token that says what its card does: ok, decline, 3ds")
    lines.append(
        "  Logs        the API's and the worker's are printed here"
        + (f", others in {servers.logs}" if servers.logs else "")
    )
    return "\n".join([*lines, "", "Ctrl-C stops it.", ""])
