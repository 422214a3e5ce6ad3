"""The page of a citizen who comes back from a rail into another browser than the one that left."""

from __future__ import annotations

from paygate.http.i18n import Language, speaker
from paygate.web.error_pages import ErrorPage
from paygate.web.pages import Frame


def stranded_page(*, language: Language, support_phone: str, request_id: str) -> ErrorPage:
    """Return the page that says where the result is, since nothing here may be guessed."""
    say = speaker(language)
    heading = say("Giao dịch của bạn đang được xác nhận")
    return ErrorPage(
        frame=Frame(
            language=language,
            title=f"{heading} – {say('Cổng thanh toán')}",
            supplier=None,
            support_phone=support_phone,
        ),
        heading=heading,
        happened=say("Kết quả được báo thẳng cho Cổng Dịch vụ công, không qua trình duyệt này."),
        advice=say("Vui lòng không thanh toán lại. Hãy mở hồ sơ trên Cổng Dịch vụ công để xem."),
        request_id=request_id,
    )
