"""Refusals as an operator reads them: a sentence in his language, then the code to search for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from paygate.http import refusals
from paygate.http.refusals import Texts
from paygate.services.csv_rows import Finding

# What only an imported file can be wrong in; the rest stands in `paygate/http/refusals.py`.
TEXTS: dict[str, Texts] = {
    "not_utf8": ("The file is not text in UTF-8.", "Tệp không phải văn bản UTF-8."),
    "not_csv": ("This is not CSV from here on.", "Từ đây trở đi không phải CSV."),
    "too_many_rows": ("The file has too many rows.", "Tệp có quá nhiều dòng."),
    "wrong_number_of_columns": (
        "The row has more or fewer cells than the head.",
        "Số ô của dòng khác với dòng tiêu đề.",
    ),
    "column_unknown": ("There is no such column.", "Không có cột này."),
    "column_missing": ("The column is missing.", "Thiếu cột này."),
    "column_repeated": ("The column stands twice.", "Cột này lặp lại."),
    "contradicts_row_above": (
        "A row above says something else of the same code.",
        "Một dòng phía trên ghi khác về cùng mã này.",
    ),
    "not_a_date": (
        "This is not a date such as 2026-09-02.",
        "Đây không phải ngày, ví dụ 2026-09-02.",
    ),
    "before_valid_from": ("It ends before it begins.", "Ngày kết thúc trước ngày bắt đầu."),
    "parent_unknown": (
        "The parent is neither in the file nor in the register.",
        "Cơ quan cấp trên không có trong tệp và cũng không có trong danh mục.",
    ),
    "successor_unknown": (
        "The successor is neither in the file nor in the register.",
        "Cơ quan kế thừa không có trong tệp và cũng không có trong danh mục.",
    ),
    "agency_unknown": ("The agency is not in the register.", "Cơ quan không có trong danh mục."),
    "fee_kind_unknown": ("There is no such kind of fee.", "Không có loại phí này."),
    "account_number_too_short": ("The account number is too short.", "Số tài khoản quá ngắn."),
    "date_before_2000": ("The calendar begins in 2000.", "Lịch bắt đầu từ năm 2000."),
    "date_repeated": ("The day stands twice.", "Ngày này lặp lại."),
    "kind_unknown": (
        "A day is OFF, WORKING or MAKE_UP.",
        "Loại ngày là OFF, WORKING hoặc MAKE_UP.",
    ),
    "make_up_on_a_weekday": (
        "Only a Saturday or a Sunday can make up for another day.",
        "Chỉ thứ Bảy hoặc Chủ nhật mới làm bù.",
    ),
    "channel_unknown": (
        "A channel is online or offline.",
        "Kênh nộp là online hoặc offline.",
    ),
    "refund_policy_unknown": (
        "A refund policy is full, none, unprocessed_only or by_reason.",
        "Chính sách hoàn là full, none, unprocessed_only hoặc by_reason.",
    ),
    "not_whole_dong": (
        "An amount is whole dong in digits alone.",
        "Số tiền là số nguyên đồng, chỉ viết bằng chữ số.",
    ),
    "not_a_range": (
        "A range is written as 25000-100000, the lower sum first.",
        "Khoảng tiền viết như 25000-100000, số nhỏ đứng trước.",
    ),
    "not_a_percentage": (
        "A percentage is a whole number from 1 to 100.",
        "Tỷ lệ phần trăm là số nguyên từ 1 đến 100.",
    ),
    "unit_needs_one_amount": (
        "A price for each unit is one sum, not a range.",
        "Giá theo đơn vị là một số tiền, không phải khoảng.",
    ),
    "cap_without_unit": (
        "Only a price for each unit has a cap.",
        "Chỉ giá theo đơn vị mới có mức trần.",
    ),
    "cap_below_amount": (
        "The cap lies below the price of one unit.",
        "Mức trần thấp hơn giá một đơn vị.",
    ),
    "overlaps_later_rule": (
        "A rule that begins later is in force before this one ends.",
        "Có quy định bắt đầu sau nhưng có hiệu lực trước khi quy định này kết thúc.",
    ),
}
_OVERLAPS = re.compile(r"overlaps_row_([0-9]+)")


def sentence(code: str) -> str:
    """Return what *code* means, in Vietnamese where the terminal speaks it, with the code."""
    return f"{_texts(code)[_speaks_vietnamese()]} ({code})"


def findings(found: Iterable[Finding]) -> tuple[str, ...]:
    """Return each finding with its row and column, as they are found in the file."""
    row = ("row", "dòng")[_speaks_vietnamese()]
    return tuple(
        f"{row} {each.row}{f', {each.column}' if each.column else ''}: {sentence(each.code)}"
        for each in found
    )


def _texts(code: str) -> Texts:
    other = _OVERLAPS.fullmatch(code)
    if other is not None:
        number = other[1]
        return f"Row {number} is in force on the same days.", f"Dòng {number} cùng hiệu lực."
    return TEXTS.get(code) or refusals.texts(code)


def _speaks_vietnamese() -> bool:
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    return next((os.environ[each] for each in names if os.environ.get(each)), "").startswith("vi")
