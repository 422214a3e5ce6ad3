"""What people read of each refusal, by its stable code: English, then Vietnamese."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Texts = tuple[str, str]

TEXTS: Mapping[str, Texts] = MappingProxyType(
    {
        # of a request as a whole
        "not_authenticated": (
            "No valid API key was given.",
            "Thiếu khóa API hoặc khóa không còn hiệu lực.",
        ),
        "not_found": ("There is nothing here.", "Không có nội dung này."),
        "order_not_found": (
            "There is no such order of this portal.",
            "Cổng này không có đơn hàng như vậy.",
        ),
        "method_not_allowed": (
            "This method is not supported here.",
            "Phương thức này không dùng được ở đây.",
        ),
        "content_type_not_json": (
            "The body must be application/json.",
            "Nội dung gửi lên phải là application/json.",
        ),
        "body_too_large": (
            "The body is larger than this endpoint accepts.",
            "Nội dung gửi lên vượt quá kích thước cho phép.",
        ),
        "json_malformed": (
            "The body is not one well-formed JSON object without repeated keys.",
            "Nội dung gửi lên không phải một đối tượng JSON hợp lệ, không lặp khóa.",
        ),
        "request_malformed": (
            "The request could not be understood.",
            "Không hiểu được yêu cầu.",
        ),
        "fields_refused": (
            "Some fields were refused; `errors` names each.",
            "Có trường không hợp lệ; xem từng trường trong `errors`.",
        ),
        "idempotency_key_missing": (
            "The header Idempotency-Key is required: 1 to 255 printable ASCII characters.",
            "Cần tiêu đề Idempotency-Key: 1 đến 255 ký tự ASCII in được.",
        ),
        "idempotency_key_reused": (
            "This Idempotency-Key came before with another request.",
            "Idempotency-Key này đã dùng cho một yêu cầu khác.",
        ),
        "idempotency_key_running": (
            "The first request with this Idempotency-Key is still running; try again shortly.",
            "Yêu cầu đầu tiên với Idempotency-Key này chưa xong; hãy thử lại sau ít giây.",
        ),
        "live_order_exists": (
            "The dossier already has a live order of this purpose.",
            "Hồ sơ đang có một đơn hàng chưa kết thúc cho mục đích này.",
        ),
        "already_paid": (
            "The dossier already has a paid order of this purpose.",
            "Hồ sơ đã được thanh toán cho mục đích này.",
        ),
        "order_paid": (
            "The order is paid or exempt, so it cannot be cancelled; a refund can be asked for.",
            "Đơn hàng đã thanh toán hoặc được miễn phí nên không hủy được; có thể yêu cầu hoàn.",
        ),
        "version_differs": (
            "The order has changed meanwhile: read it again, then repeat with its new version.",
            "Đơn hàng đã thay đổi: hãy đọc lại rồi gửi lại với version mới.",
        ),
        "version_missing": (
            'The header If-Match is required: the order\'s version, such as "3".',
            'Cần tiêu đề If-Match là version của đơn hàng, ví dụ "3".',
        ),
        "order_not_payable": (
            "The order cannot be paid now.",
            "Đơn hàng hiện không thể thanh toán.",
        ),
        "method_not_offered": (
            "This way to pay is not offered for the order.",
            "Cách thanh toán này không dùng được cho đơn hàng.",
        ),
        "too_many_requests": (
            "Too many requests; please wait for as long as Retry-After says.",
            "Quá nhiều yêu cầu; xin đợi theo thời gian nêu trong Retry-After.",
        ),
        "server_error": (
            "Something went wrong on our side; nothing was lost, please try again.",
            "Có lỗi ở phía chúng tôi; không mất dữ liệu, xin thử lại.",
        ),
        "busy": (
            "The service is busy; please try again shortly.",
            "Hệ thống đang bận; xin thử lại sau ít giây.",
        ),
        "webhook_endpoint_not_found": (
            "There is no such webhook endpoint of this portal.",
            "Cổng này không có địa chỉ nhận thông báo như vậy.",
        ),
        "webhook_endpoint_exists": (
            "The portal has a webhook endpoint of this address already.",
            "Cổng đã có địa chỉ nhận thông báo này.",
        ),
        "webhook_endpoints_full": (
            "The portal has as many webhook endpoints as it may; retire one first.",
            "Cổng đã đủ số địa chỉ nhận thông báo; hãy bỏ bớt một địa chỉ trước.",
        ),
        "webhook_endpoint_disabled": (
            "The webhook endpoint is disabled; enable it first.",
            "Địa chỉ nhận thông báo đang tắt; hãy bật lại trước.",
        ),
        "webhook_message_not_found": (
            "There is no such message to this portal.",
            "Không có thông báo nào như vậy gửi cho cổng này.",
        ),
        "no_webhook_endpoint": (
            "The portal has no webhook endpoint that could be told.",
            "Cổng không có địa chỉ nào để nhận thông báo.",
        ),
        "not_built_yet": (
            "This part of the API is announced and not built yet.",
            "Phần này của API đã công bố nhưng chưa được xây dựng.",
        ),
        # of single fields
        "field_missing": ("This field is required.", "Thiếu trường bắt buộc."),
        "field_unknown": ("This field is not known.", "Không có trường này."),
        "field_type": ("This value has the wrong type.", "Giá trị sai kiểu."),
        "field_value": ("This value is not allowed.", "Giá trị không được phép."),
        "field_length": ("This value is too short or too long.", "Giá trị quá ngắn hoặc quá dài."),
        "amount_not_whole_dong": (
            "An amount is whole dong in digits alone, from 0 to 999999999999999.",
            "Số tiền là số nguyên đồng, chỉ viết bằng chữ số, từ 0 đến 999.999.999.999.999.",
        ),
        "amount_zero_without_exemption": (
            "A total of 0 needs an exemption with its reason and legal basis.",
            "Tổng bằng 0 thì phải có miễn phí kèm lý do và căn cứ pháp lý.",
        ),
        "amount_too_large": (
            "The sum of the lines is more than any fee can be.",
            "Tổng các khoản vượt quá mức có thể thu.",
        ),
        "exemption_with_amount": (
            "An exempt order costs nothing, so its total must be 0.",
            "Đơn hàng được miễn phí thì tổng phải bằng 0.",
        ),
        "line_code_repeated": (
            "Each line needs a code of its own.",
            "Mỗi dòng phí phải có mã riêng.",
        ),
        "collecting_agency_ambiguous": (
            "Lines of several beneficiaries need a collecting_agency.",
            "Các dòng phí có nhiều đơn vị thụ hưởng thì phải nêu collecting_agency.",
        ),
        "unknown_agency": (
            "The agency is not in the register, or not valid today.",
            "Cơ quan không có trong danh mục hoặc hôm nay không còn hiệu lực.",
        ),
        "amount_off_rule": (
            "An amount is not what the fee rules in force say; `errors` names each line.",
            "Có khoản thu không đúng mức thu đang áp dụng; xem từng dòng trong `errors`.",
        ),
        "payable_type_not_allowed": (
            "This portal issues no orders for papers of this type.",
            "Cổng này không được lập đơn hàng cho loại giấy tờ này.",
        ),
        "payable_window_over": (
            "The working days within which this notice could be paid are over.",
            "Đã hết số ngày làm việc được nộp theo thông báo này.",
        ),
        "payable_ref_with_dossier": (
            "An order is for a dossier or for a paper, never for both.",
            "Đơn hàng chỉ cho một hồ sơ hoặc một giấy tờ, không cho cả hai.",
        ),
        "payable_field_unknown": (
            "Papers of this type have no such field.",
            "Loại giấy tờ này không có trường như vậy.",
        ),
        "payable_date_malformed": (
            "A date is written as 2026-09-02.",
            "Ngày viết theo dạng 2026-09-02.",
        ),
        "payable_date_future": (
            "The date of the paper is in the future.",
            "Ngày của giấy tờ ở tương lai.",
        ),
        "reduction_incomplete": (
            "A reduction needs full_amount and reduction_basis, or neither.",
            "Giảm phí thì phải có cả full_amount và reduction_basis.",
        ),
        "full_amount_not_above_amount": (
            "The full amount must be above the reduced one.",
            "Mức thu đầy đủ phải lớn hơn mức sau khi giảm.",
        ),
        "return_url_not_registered": (
            "The return address is outside the portal's registered origins.",
            "Địa chỉ quay lại nằm ngoài các địa chỉ đã đăng ký của cổng.",
        ),
        "url_not_public": (
            "The address is not on the public internet.",
            "Địa chỉ không thuộc mạng internet công cộng.",
        ),
        "portal_code_taken": (
            "There is already a portal of this code.",
            "Đã có một cổng mang mã này.",
        ),
        "portal_unknown": (
            "There is no portal of this code.",
            "Không có cổng nào mang mã này.",
        ),
        "return_origin_malformed": (
            "A return origin is scheme and host alone, such as https://portal.example.vn.",
            "Địa chỉ gốc chỉ gồm giao thức và tên máy, ví dụ https://portal.example.vn.",
        ),
        # of staff: pages and commands alone say these
        "email_taken": (
            "There is already a staff member with this address.",
            "Đã có nhân sự dùng địa chỉ email này.",
        ),
        "staff_unknown": (
            "There is no staff member with this address.",
            "Không có nhân sự nào dùng địa chỉ email này.",
        ),
        "staff_disabled": ("This login was disabled for good.", "Tài khoản này đã bị khóa hẳn."),
        "agency_needed": (
            "This role is granted for an agency.",
            "Vai trò này phải gắn với một cơ quan.",
        ),
        "role_held": ("The person holds this role there.", "Người này đã có vai trò đó ở đây."),
        "role_missing": ("This needs the role admin.", "Việc này cần vai trò quản trị."),
        "beyond_your_agencies": (
            "This lies outside of the agencies in which you are an admin.",
            "Việc này nằm ngoài các đơn vị mà bạn quản trị.",
        ),
        "last_other_admin": (
            "Nobody else could approve what you propose: the operator does this, without a login.",
            "Ngoài người này không còn ai duyệt đề nghị của bạn: người vận hành phải làm việc này.",
        ),
        "proposal_unknown": ("There is no such proposal.", "Không có đề nghị như vậy."),
        "proposal_done": (
            "The proposal no longer waits for anybody.",
            "Đề nghị này không còn chờ duyệt.",
        ),
        "approver_is_proposer": (
            "Who proposes it cannot approve it.",
            "Người đề nghị không được đồng thời là người duyệt.",
        ),
        "approver_is_concerned": (
            "Nobody approves for himself.",
            "Không ai được tự duyệt cho mình.",
        ),
        "password_too_short": (
            "The password needs at least 12 characters.",
            "Mật khẩu cần ít nhất 12 ký tự.",
        ),
        "password_too_long": (
            "The password has at most 128 characters.",
            "Mật khẩu có nhiều nhất 128 ký tự.",
        ),
        "password_common": (
            "This password is easily guessed: common words, your name and address do not count.",
            "Mật khẩu này dễ đoán: từ phổ biến, tên và email của bạn không được tính.",
        ),
        "password_not_repeated": (
            "The two passwords are not the same.",
            "Hai lần nhập mật khẩu không giống nhau.",
        ),
        "code_wrong": (
            "The code is not right; type the one that the application shows now.",
            "Mã chưa đúng; hãy nhập mã mà ứng dụng đang hiện.",
        ),
        "metadata_key_repeated": (
            "Two keys of metadata are the same once blanks around them are taken away.",
            "Có hai khóa metadata giống nhau khi bỏ khoảng trắng ở hai đầu.",
        ),
        "time_malformed": (
            "A time is RFC 3339, such as 2022-09-28T12:00:00+07:00 (in a query, + is %2B).",
            "Thời điểm viết theo RFC 3339, ví dụ 2022-09-28T12:00:00+07:00 (trong URL, + là %2B).",
        ),
        "cursor_malformed": ("This cursor was not given by us.", "Con trỏ trang không hợp lệ."),
        "dossier_code_malformed": (
            "This is not a dossier code such as 000.30.27.H23-220928-0001.",
            "Đây không phải mã hồ sơ, ví dụ 000.30.27.H23-220928-0001.",
        ),
        "dossier_code_inner_space": (
            "A dossier code holds no spaces.",
            "Mã hồ sơ không có dấu cách ở giữa.",
        ),
        "dossier_code_lookalike": (
            "The dossier code holds letters that only look like Latin ones.",
            "Mã hồ sơ có ký tự trông giống chữ cái La-tinh nhưng không phải.",
        ),
        "dossier_code_date": (
            "The date in the dossier code does not exist.",
            "Ngày trong mã hồ sơ không có thật.",
        ),
        "dossier_code_too_old": (
            "The date in the dossier code is before 2018.",
            "Ngày trong mã hồ sơ trước năm 2018.",
        ),
        "dossier_code_future": (
            "The date in the dossier code is in the future.",
            "Ngày trong mã hồ sơ ở tương lai.",
        ),
        "bank_unknown": (
            "No bank has this six-digit BIN.",
            "Không có ngân hàng nào mang mã BIN sáu chữ số này.",
        ),
        "short_code_invalid": (
            "This code is not valid; please check each character.",
            "Mã này không đúng; xin kiểm tra lại từng ký tự.",
        ),
    }
)
# Rules that many fields share; the pointer names the field.
BY_ENDING: Mapping[str, Texts] = MappingProxyType(
    {
        "_empty": ("This field is empty.", "Trường này để trống."),
        "_too_long": ("This value is too long.", "Giá trị quá dài."),
        "_control_character": (
            "This value holds characters that cannot be seen.",
            "Giá trị có ký tự không nhìn thấy được.",
        ),
        "_malformed": ("This value is not in the right form.", "Giá trị không đúng dạng."),
    }
)


def lawful_texts(lawful: str) -> Texts:
    """Return what is said of an amount that is not *lawful*, which stands in both languages."""
    return (
        f"The fee rules in force say {lawful}.",
        f"Mức thu đang áp dụng là {lawful}.",
    )


def texts(code: str) -> Texts:
    """Return the English and the Vietnamese sentence of *code*."""
    if code in TEXTS:
        return TEXTS[code]
    return next(found for ending, found in BY_ENDING.items() if code.endswith(ending))
