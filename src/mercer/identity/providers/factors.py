"""Every kind of second factor, and how it is checked."""

from collections.abc import Mapping

from mercer.identity.models import FactorKind
from mercer.identity.providers import totp
from mercer.identity.rules.factors import Check

CHECKS: Mapping[FactorKind, Check] = {FactorKind.TOTP: totp.check}
