"""The worker: APScheduler ticks, the lease decides, and every write carries its fencing number."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Callable
from concurrent import futures
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import sqlalchemy as sa
import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler

from paygate.bootstrap import meet_accounts, open_house
from paygate.config import Config
from paygate.domain.act import Act
from paygate.domain.clock import Clock, SystemClock
from paygate.domain.ids import Ids, RandomIds
from paygate.house import House
from paygate.logs import configure_logs
from paygate.services.cancel_order import cancel_orders
from paygate.services.chase_pending import chase_pending
from paygate.services.expire_orders import expire_orders
from paygate.services.fenced import FencedDatabase
from paygate.services.forget_rates import forget_rates
from paygate.services.spread import Spread
from paygate.store import jobs
from paygate.store.jobs import Lease, LeaseLostError
from paygate.web.health import WORKER_LEASE
from webhooks.egress import Post, PublicPost
from webhooks.outbound import BATCH, deliver_due

log = structlog.get_logger()
LEASE_TTL = timedelta(seconds=15)
RENEW_S = 5
DELIVER_S = 1
CHASE_S = 5
CANCEL_S = 2  # a portal waits for it
EXPIRE_S = 30
TIDY_S = 600
THREADS = 4
# Runs of `deliver` side by side: one that waits for a silent portal keeps no other from starting.
DELIVERIES = 4
Job = Callable[[House, Act], object]


class SpreadJob(Protocol):
    """A job that asks several outside at once, in as many threads as it is given."""

    def __call__(self, house: House, act: Act, /, *, spread: Spread) -> object: ...


class Worker:
    """One process that may act as the scheduler, as long as it holds the lease."""

    def __init__(self, house: House, *, clock: Clock, ids: Ids, post: Post) -> None:
        self._house = house
        self._clock = clock
        self._ids = ids
        self._post = post
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{ids.new('wrk', clock.now())}"
        self._lease: Lease | None = None
        self._busy: set[str] = set()  # endpoints whose answers are waited for

    def hold_lease(self) -> Lease | None:
        """Renew the lease, or take it if nobody holds it; return it if it is ours."""
        try:
            self._lease = self._house.db.act(self._hold)
        except LeaseLostError:
            log.warning("lease_lost", holder=self._holder)
            self._lease = None
        return self._lease

    def run(self, name: str, job: Job) -> None:
        """Run *job* if this process may act; what it leaves undone the next tick takes up."""
        lease = self._lease
        structlog.contextvars.clear_contextvars()
        if lease is None:
            return
        now = self._clock.now()
        act = Act(
            now=now,
            actor=f"system:{name}",
            via=f"job:{name}",
            request_id=self._ids.new("job", now),
            ids=self._ids,
        )
        structlog.contextvars.bind_contextvars(job=name, request_id=act.request_id)
        fenced = replace(self._house, db=FencedDatabase(self._house.db, lease))
        try:
            job(fenced, act)
        except LeaseLostError:
            log.warning("job_stopped_without_lease", job=name)
            self._lease = None
        except Exception:
            # The edge: one broken tick must not end the others.
            log.exception("job_failed", job=name)

    def deliver(self) -> None:
        """Send due messages to portals."""
        chance = random.SystemRandom().random
        with futures.ThreadPoolExecutor(BATCH) as crew:
            self.run(
                "deliver",
                lambda house, act: deliver_due(
                    house, act, self._post, chance, spread=crew.map, busy=self._busy
                ),
            )

    def chase(self) -> None:
        """Ask rails about what stays pending, each account in a line of its own."""
        self._run_side_by_side("chase", chase_pending)

    def cancel(self) -> None:
        """Cancel what portals no longer want, once its rails were asked."""
        self._run_side_by_side("cancel", cancel_orders)

    def expire(self) -> None:
        """Close orders whose time is over, once their rails were asked."""
        self._run_side_by_side("expire", expire_orders)

    def tidy(self) -> None:
        """Forget counts of callers that are long over."""
        self.run("tidy", forget_rates)

    def _run_side_by_side(self, name: str, job: SpreadJob) -> None:
        with futures.ThreadPoolExecutor(THREADS) as crew:
            self.run(name, lambda house, act: job(house, act, spread=crew.map))

    def _hold(self, tx: sa.Connection) -> Lease | None:
        now = jobs.database_time(tx, self._clock.now())
        if self._lease is not None:
            return jobs.renew(tx, self._lease, until=now + LEASE_TTL)
        return jobs.take(tx, WORKER_LEASE, self._holder, now=now, until=now + LEASE_TTL)


def work(config: Config) -> None:
    """Act as the scheduler, or wait to, until the process is told to stop."""
    configure_logs()
    house, clock = open_house(config), SystemClock()
    house.db.act(meet_accounts, config, clock)
    post = PublicPost(loopback=config.gateway.demo, proxy=config.gateway.egress_proxy)
    worker = Worker(house, clock=clock, ids=RandomIds(), post=post)
    worker.hold_lease()
    log.info("worker_started")
    schedule(worker).start()


def schedule(worker: Worker) -> BlockingScheduler:
    """Return the scheduler of *worker*, which has a thread for whatever may run at once.

    Otherwise jobs that wait for rails and portals would keep the lease from being renewed.
    """
    ticks = (
        (worker.hold_lease, RENEW_S, 1),
        (worker.deliver, DELIVER_S, DELIVERIES),
        (worker.chase, CHASE_S, 1),
        (worker.cancel, CANCEL_S, 1),
        (worker.expire, EXPIRE_S, 1),
        (worker.tidy, TIDY_S, 1),
    )
    scheduler = BlockingScheduler(
        timezone="Asia/Ho_Chi_Minh",
        executors={"default": ThreadPoolExecutor(sum(at_once for _, _, at_once in ticks))},
        job_defaults={"coalesce": True, "misfire_grace_time": 60},
    )
    for tick, seconds, at_once in ticks:
        scheduler.add_job(
            tick, "interval", seconds=seconds, id=tick.__name__, max_instances=at_once
        )
    return scheduler
