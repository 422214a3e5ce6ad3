"""Error pages of the desk: what happened, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import flask
from werkzeug.exceptions import HTTPException

from paygate.http.context import request_id
from paygate.http.i18n import mark
from paygate.http.problems import status_of
from paygate.web.desk.door import known_guest, recognise
from paygate.web.desk.frame import DeskFrame, desk_frame, desk_say, draw

HEADERS_KEPT = frozenset({"Allow", "Retry-After"})
PATH = "/desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskErrorPage:
    """What happened."""

    frame: DeskFrame
    heading: str
    happened: str
    request_id: str


def is_of_desk(path: str) -> bool:
    """Return whether an address belongs to the desk."""
    return path == PATH or path.startswith(f"{PATH}/")


def desk_page_for(error: Exception) -> flask.Response:
    """Return the page that tells staff of *error*, and nothing of our inside."""
    status = status_of(error)
    if status < _BROKEN and known_guest() is None:
        recognise()  # so that the page of an address that leads nowhere has its tabs, too
    say = desk_say()
    heading, happened = (say(each) for each in _ERRORS.get(status, _ERRORS[_rest(status)]))
    page = DeskErrorPage(
        frame=desk_frame(heading), heading=heading, happened=happened, request_id=request_id()
    )
    response = draw("error.html", page, status=status)
    if isinstance(error, HTTPException):
        response.headers.update({k: v for k, v in error.get_headers() if k in HEADERS_KEPT})
    return response


def _rest(status: int) -> int:
    return _BROKEN if status >= _BROKEN else _REFUSED


_REFUSED, _BROKEN = 400, 500
_ERRORS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        400: (
            mark("Yêu cầu chưa đúng"),
            mark("Bàn kế toán không đọc được những gì trình duyệt gửi lên."),
        ),
        403: (
            mark("Bạn không được mở trang này"),
            mark(
                "Vai trò của bạn không có quyền ở trang này, hoặc trang đã mở quá lâu. Hãy tải lại "
                "trang trước rồi thử lại; nếu cần quyền, hãy hỏi người quản trị."
            ),
        ),
        404: (
            mark("Không tìm thấy"),
            mark("Không có gì ở địa chỉ này, hoặc việc đó thuộc đơn vị khác."),
        ),
        429: (
            mark("Bạn thao tác quá nhanh"),
            mark("Có quá nhiều lần đăng nhập từ kết nối này. Hãy đợi một phút rồi thử lại."),
        ),
        500: (
            mark("Bàn kế toán đang gặp trục trặc"),
            mark("Đây là trục trặc của hệ thống; chưa có gì bị mất. Hãy thử lại sau ít phút."),
        ),
    }
)
