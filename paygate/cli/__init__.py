"""The command `paygate`: each command loads what it needs when it runs."""

from __future__ import annotations

import click

from paygate.cli import (
    accounts,
    calendar,
    database,
    doctor,
    fees,
    messages,
    orders,
    processes,
    register,
    session,
    smoke,
    staff,
)

__all__ = ["main"]


@click.group(context_settings={"max_content_width": 100})
@click.version_option(package_name="paygate")
def main() -> None:
    """Take fee payments for public-service dossiers, and account for every dong."""


for command in (
    database.db,
    register.portal,
    register.agency,
    calendar.calendar,
    fees.fee,
    processes.serve,
    processes.worker,
    processes.sandbox,
    processes.demo,
    accounts.account,
    accounts.conformance,
    orders.order,
    messages.message,
    doctor.doctor,
    smoke.smoke,
    session.login,
    session.logout,
    staff.staff_group,
):
    main.add_command(command)
