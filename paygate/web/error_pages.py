"""Error pages as values: what happened, what to do, whom to call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from paygate.http.i18n import Language, mark, speaker
from paygate.web.pages import DASH, Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """What happened, what to do, whom to call."""

    frame: Frame
    heading: str
    happened: str
    advice: str
    request_id: str


def error_page(
    *,
    language: Language,
    status: int,
    request_id: str,
    support_phone: str | None,
    supplier: str | None = None,
) -> ErrorPage:
    """Return the page of an HTTP *status*; one that has no page of its own reads as 400 or 500."""
    say = speaker(language)
    rest = _BROKEN if status >= _BROKEN else _REFUSED
    heading, happened, advice = (say(each) for each in _ERRORS.get(status, _ERRORS[rest]))
    return ErrorPage(
        frame=Frame(
            language=language,
            title=DASH.join((heading, say("Cổng thanh toán"))),
            supplier=supplier,
            support_phone=support_phone,
        ),
        heading=heading,
        happened=happened,
        advice=advice,
        request_id=request_id,
    )


_REFUSED, _BROKEN = 400, 500
_ERRORS: Mapping[int, tuple[str, str, str]] = MappingProxyType(
    {
        400: (
            mark("Yêu cầu chưa đúng"),
            mark("Cổng thanh toán không đọc được những gì trình duyệt gửi lên."),
            mark("Hãy quay lại trang trước và làm lại từ đầu."),
        ),
        403: (
            mark("Yêu cầu bị từ chối"),
            mark("Trang này không nhận yêu cầu gửi từ trang khác."),
            mark("Hãy mở lại đường dẫn thanh toán từ Cổng Dịch vụ công và thử lại."),
        ),
        404: (
            mark("Không tìm thấy trang này"),
            mark("Đường dẫn có thể bị thiếu ký tự hoặc không còn dùng được."),
            mark("Hãy mở hồ sơ trên Cổng Dịch vụ công và bấm thanh toán từ đó."),
        ),
        405: (
            mark("Trang này không mở được theo cách đó"),
            mark("Địa chỉ đúng, nhưng không nhận kiểu yêu cầu mà trình duyệt vừa gửi."),
            mark("Hãy mở hồ sơ trên Cổng Dịch vụ công và bấm thanh toán từ đó."),
        ),
        413: (
            mark("Dữ liệu gửi lên quá lớn"),
            mark("Cổng thanh toán chỉ nhận lựa chọn cách thanh toán ở trang này."),
            mark("Hãy quay lại trang trước và làm lại từ đầu."),
        ),
        429: (
            mark("Bạn thao tác quá nhanh"),
            mark("Cổng thanh toán nhận quá nhiều yêu cầu từ kết nối của bạn."),
            mark("Hãy đợi một phút rồi thử lại."),
        ),
        500: (
            mark("Cổng thanh toán đang gặp trục trặc"),
            mark("Đây là trục trặc của chúng tôi, không phải do bạn."),
            mark(
                "Nếu bạn vừa thanh toán, vui lòng không thanh toán lại: "
                "khoản tiền đã trả không bị mất. Hãy mở lại trang này sau vài phút."
            ),
        ),
        503: (
            mark("Cổng thanh toán đang bận"),
            mark("Yêu cầu của bạn chưa được xử lý; không có gì bị mất."),
            mark(
                "Hãy mở lại trang này sau vài phút. Nếu bạn vừa thanh toán, vui lòng không thanh "
                "toán lại: khoản tiền đã trả không bị mất."
            ),
        ),
    }
)
