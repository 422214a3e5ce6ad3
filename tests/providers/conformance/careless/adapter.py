"""A rail that compares signatures with `==`: only its source shows it."""

from __future__ import annotations

from providers.contract import Arrival, BadSignatureError, Report
from tests.providers.conformance.bad_rail import BadRail


class ComparesOpenly(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        fields = self.loosely(arrival)
        seal = self.dialect.seal
        plain = {name: value for name, value in fields.items() if name != seal}
        expected = self.dialect.profile.sign(plain, self.dialect.keys_of(self.good)[0])
        if expected == fields.get(seal):
            return super().read_callback(arrival)
        raise BadSignatureError
