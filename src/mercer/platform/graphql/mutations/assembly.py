"""The mutations of one API as Strawberry fields: their arguments, and the union of what comes of each."""

import inspect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Annotated, Any, Union, get_args, get_type_hints

import strawberry
from strawberry.tools import create_type
from strawberry.types.field import StrawberryField

from mercer.platform.context import Context
from mercer.platform.errors import DomainError

from .declaration import Mutation
from .door import carry_out, errors_of
from .errors import ErrorTypes
from .outcomes import restored


@dataclass
class Results:
    """How results become objects of the API's types."""

    errors: ErrorTypes
    types: dict[str, type] = field(default_factory=dict)
    """Those that mutations return, and those they hold, by name. Filled when the schema is made."""

    def shown(self, result: Any) -> Any:
        """A result, an expected error, or a stored outcome."""
        if isinstance(result, dict):
            result = restored(result, self.types, self.errors.by_name)
        return self.errors.shown(result) if isinstance(result, DomainError) else result


def mutations_in(modules: Iterable[ModuleType]) -> Iterator[Mutation]:
    """The mutations that these Python modules declare."""
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, Mutation) and value.resolver.__module__ == module.__name__:
                yield value


def mutation_type(mutations: Sequence[Mutation]) -> tuple[type | None, Results]:
    """The root type `Mutation`, if there are any, and how their results are shown."""
    results = Results(ErrorTypes(error for each in mutations for error in errors_of(each)))
    if not mutations:
        return None, results
    fields = [_field(each, results) for each in sorted(mutations, key=lambda each: each.name)]
    return create_type("Mutation", fields), results


def _field(mutation: Mutation, results: Results) -> StrawberryField:
    hints = get_type_hints(mutation.resolver, include_extras=True)
    returned = hints.pop("return")
    hints.pop("context")
    name = f"{mutation.name.title().replace('_', '')}Result"
    members = (*(get_args(returned) or (returned,)), *(results.errors[error] for error in errors_of(mutation)))
    hints["return"] = Annotated[Union[members], strawberry.union(name)]  # noqa: UP007 — its members are found at run time

    async def run(info: strawberry.Info[Context, None], **arguments: Any) -> Any:
        origin = replace(info.context.origin, operation=info.field_name)
        result = await carry_out(
            mutation,
            replace(info.context, origin=origin, checked=set()),
            lambda context: mutation.resolver(context, **arguments),
            field=str(info.path.key),
            arguments=arguments,
        )
        return results.shown(result)

    run.__name__ = run.__qualname__ = mutation.name
    run.__module__ = mutation.resolver.__module__
    run.__annotations__ = {"info": strawberry.Info, **hints}
    run.__signature__ = _signature(mutation, hints)  # type: ignore[attr-defined]
    description = inspect.getdoc(mutation.resolver)
    made: StrawberryField = strawberry.mutation(
        resolver=run, description=description, metadata={"needs": mutation.needs, "mutation": mutation}
    )
    return made


def _signature(mutation: Mutation, hints: dict[str, Any]) -> inspect.Signature:
    """The resolver's own arguments, with Strawberry's `info` in place of the context."""
    info = inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info)
    arguments = [
        each.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[each.name])
        for each in inspect.signature(mutation.resolver).parameters.values()
        if each.name != "context"
    ]
    return inspect.Signature([info, *arguments], return_annotation=hints["return"])
