"""Every address of the desk, in one place."""

from __future__ import annotations

import flask

from paygate.web.desk.case import case
from paygate.web.desk.cases import cases
from paygate.web.desk.door import guard
from paygate.web.desk.enrol import enrol
from paygate.web.desk.home import home
from paygate.web.desk.login import login, logout, step_up_page
from paygate.web.desk.order import order
from paygate.web.desk.orders import orders
from paygate.web.desk.staff import staff_list

blueprint = flask.Blueprint("desk", __name__)
blueprint.before_request(guard)
FORM = ("GET", "POST")
for rule, name, view, methods in (
    ("/desk/login", "login", login, FORM),
    ("/desk/logout", "logout", logout, ("POST",)),
    ("/desk/step-up", "step_up", step_up_page, FORM),
    ("/desk/enrol/<token>", "enrol", enrol, FORM),
    ("/desk", "home", home, ("GET",)),
    ("/desk/orders", "orders", orders, ("GET",)),
    ("/desk/orders/<code>", "order", order, ("GET",)),
    ("/desk/cases", "cases", cases, ("GET",)),
    ("/desk/cases/<code>", "case", case, ("GET",)),
    ("/desk/staff", "staff", staff_list, ("GET",)),
):
    blueprint.add_url_rule(
        rule, endpoint=name, view_func=view, methods=list(methods), strict_slashes=False
    )
