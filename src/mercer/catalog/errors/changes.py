"""What the catalogue does not find, and what it does not do."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.errors import DomainError


@dataclass(eq=False)
class SlugTaken(DomainError):
    """Another one of its kind has this slug, or had it before."""

    slug: str


@dataclass(eq=False)
class SkuTaken(DomainError):
    """Another variant has this SKU, or one of a product whose first variant is not named."""

    sku: str


@dataclass(eq=False)
class VariantUnknown(DomainError):
    """No variant has this SKU."""

    sku: str


@dataclass(eq=False)
class ProductTypeUnknown(DomainError):
    """No product type has this code."""

    product_type: str


@dataclass(eq=False)
class ProductTypeRepeated(DomainError):
    """This product type is given twice."""

    product_type: str


@dataclass(eq=False)
class AttributeKindFixed(DomainError):
    """The kind of an attribute cannot be changed."""

    attribute: str
    kind: str


@dataclass(eq=False)
class CategoryUnknown(DomainError):
    """No category has this slug."""

    category: str


@dataclass(eq=False)
class CategoryRepeated(DomainError):
    """This category is given twice."""

    category: str


@dataclass(eq=False)
class CategoryCycle(DomainError):
    """The category would stand below itself."""

    category: str


@dataclass(eq=False)
class ProductNotFound(DomainError):
    """No product has this id."""

    id: UUID


@dataclass(eq=False)
class VariantNotFound(DomainError):
    """No variant has this id."""

    id: UUID


@dataclass(eq=False)
class CategoryNotFound(DomainError):
    """No category has this id."""

    id: UUID


@dataclass(eq=False)
class ProductTypeNotFound(DomainError):
    """No product type has this id."""

    id: UUID


@dataclass(eq=False)
class AttributeNotFound(DomainError):
    """No attribute has this id."""

    id: UUID


@dataclass(eq=False)
class ChoiceNotFound(DomainError):
    """No choice of an attribute has this id."""

    id: UUID


@dataclass(eq=False)
class OptionNotFound(DomainError):
    """No option of a product has this id."""

    id: UUID


@dataclass(eq=False)
class OptionValueNotFound(DomainError):
    """No value of an option has this id."""

    id: UUID


@dataclass(eq=False)
class MediaNotFound(DomainError):
    """No picture of a product has this id."""

    id: UUID


@dataclass(eq=False)
class CodeTaken(DomainError):
    """Another one of its kind has this code."""

    taken: str


@dataclass(eq=False)
class BarcodeTaken(DomainError):
    """Another variant has this barcode."""

    barcode: str


@dataclass(eq=False)
class OptionNameTaken(DomainError):
    """Another option of the product, or value of the option, has this name."""

    name: str


@dataclass(eq=False)
class OptionValuesIncomplete(DomainError):
    """A variant has one value of each of its product's options, and no others."""


@dataclass(eq=False)
class OptionValuesTaken(DomainError):
    """Another variant of the product has the same values of all options."""

    variant_id: UUID


@dataclass(eq=False)
class OptionInUse(DomainError):
    """Without it, variants would have lost a value, or some would be alike."""

    variants: int
    """How many variants have a value of it."""


@dataclass(eq=False)
class LastVariant(DomainError):
    """A product keeps at least one variant that is sold. Archive or delete the product instead."""


@dataclass(eq=False)
class VariantSold(DomainError):
    """This was sold before, so that its stock tells of it. Archive it instead."""


@dataclass(eq=False)
class ProductIsArchived(DomainError):
    """The product is archived. Restore it first."""


@dataclass(eq=False)
class ProductTypeInUse(DomainError):
    """Products are of this type."""

    products: int


@dataclass(eq=False)
class AttributeInUse(DomainError):
    """Products have a value of this attribute, or product types have it."""

    products: int
    product_types: int


@dataclass(eq=False)
class ChoiceInUse(DomainError):
    """Products have this choice."""

    products: int


@dataclass(eq=False)
class CategoryInUse(DomainError):
    """The category has products or categories. Say that they move up, or move them first."""

    products: int
    categories: int


@dataclass(eq=False)
class CategoryTooDeep(DomainError):
    """The category, or one below it, would stand too deep."""

    deepest: int
    """How many categories may stand one in another."""
