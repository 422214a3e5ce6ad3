"""Who may open which page of the desk: data, and what stands in no row is open to nobody.

The keys are Flask's rules; a test walks the URL map with every role (TRUST S24).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from paygate.domain.staff import Role

# Reached before anybody is logged in.
WITHOUT_LOGIN = frozenset({"/desk/login", "/desk/enrol/<token>"})
# Reached by whoever is logged in, also without any role: about himself alone.
OF_ONESELF = frozenset({"/desk/logout", "/desk/step-up"})
EVERYBODY = frozenset(Role)
ROLES: Mapping[str, frozenset[Role]] = MappingProxyType(
    {
        "/desk": EVERYBODY,
        "/desk/orders": EVERYBODY,
        "/desk/orders/<code>": EVERYBODY,
        "/desk/cases": EVERYBODY,
        "/desk/cases/<code>": EVERYBODY,
        "/desk/staff": frozenset({Role.ADMIN, Role.AUDITOR}),
    }
)


def roles_for(rule: str) -> frozenset[Role]:
    """Return the roles that open the pages of *rule*: none for a rule without a row."""
    return ROLES.get(rule, frozenset())
