"""The providers that there are. One line for each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from mercer.payments.errors import ProviderUnavailable
from mercer.payments.providers import manual, simulator
from mercer.payments.providers.port import Provider
from mercer.platform.context import Context
from mercer.platform.settings import Settings

PROVIDERS: Mapping[str, Callable[[Context], Provider]] = MappingProxyType(
    {
        manual.CODE: lambda _: manual.ManualProvider(),
        simulator.CODE: lambda context: simulator.SimulatorProvider(context.http, context.settings.address),
    }
)

NOT_IN_PRODUCTION = frozenset({simulator.CODE})


def usable_providers(settings: Settings) -> tuple[str, ...]:
    """The codes of those that can be used here."""
    return tuple(code for code in PROVIDERS if not (settings.is_production and code in NOT_IN_PRODUCTION))


def find_provider(context: Context, code: str) -> Provider:
    """A provider by its code. Raises `ProviderUnavailable`."""
    if code not in usable_providers(context.settings):
        raise ProviderUnavailable(provider=code[:100])
    return PROVIDERS[code](context)
