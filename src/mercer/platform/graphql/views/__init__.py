"""Reads: a GraphQL type is a view, and a selection on it compiles to one SQL statement that returns the answer's JSON.

`sources` say where a field's value comes from, `listings` how connections are filtered, sorted and counted.
`planner` and `pages` compile; `plans` keeps and runs what was compiled; `interpreter` is the slow twin for tests.
"""

from mercer.platform.cache.shelf import EVERYTHING as EVERYTHING

from .authority import ACTOR as ACTOR
from .authority import PERMISSIONS as PERMISSIONS
from .authority import authority_binds as authority_binds
from .authority import may as may
from .authority import within_channels as within_channels
from .authority import within_own as within_own
from .authority import within_warehouses as within_warehouses
from .caching import Cached as Cached
from .connections import Connection as Connection
from .connections import FacetedConnection as FacetedConnection
from .inputs import Given as Given
from .json import number as number
from .keyed import ANSWERED as ANSWERED
from .keyed import NOTHING_ANSWERED as NOTHING_ANSWERED
from .listings import AskedOrder as AskedOrder
from .listings import Facet as Facet
from .listings import Filter as Filter
from .listings import Listing as Listing
from .listings import Listings as Listings
from .listings import Search as Search
from .listings import Sort as Sort
from .listings import SortDirection as SortDirection
from .listings import facet_values as facet_values
from .masking import COSTS as COSTS
from .masking import PERSONAL_DATA as PERSONAL_DATA
from .masking import masked_changes as masked_changes
from .masking import masked_email as masked_email
from .masking import masked_name as masked_name
from .masking import masked_reason as masked_reason
from .masking import masking_binds as masking_binds
from .masking import shown as shown
from .sources import LANGUAGE as LANGUAGE
from .sources import Argument as Argument
from .sources import Entity as Entity
from .sources import Row as Row
from .sources import column as column
from .sources import computed as computed
from .sources import embedded as embedded
from .sources import many as many
from .sources import one as one
from .sources import page as page
from .sources import related_any as related_any
from .sources import request as request
from .sources import translated as translated
from .sources import translation as translation
from .sources import view as view
