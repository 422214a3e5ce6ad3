"""The page that an emulated rail hosts: plain, labelled as a test, a button for each way to end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from providers.contract import HttpReply

ACTIONS = {
    "pay": "Thanh toán",
    "decline": "Từ chối (không đủ số dư)",
    "abandon": "Bỏ đi, không trả",
    "delay": "Thanh toán, báo về chậm",
    "pay_twice": "Trả hai lần",
    "wrong_amount": "Trả sai số tiền",
    "lose_callback": "Thanh toán, mất tin báo",
    "double_callback": "Thanh toán, tin báo gửi hai lần",
    "forge_callback": "Không trả, tin báo giả chữ ký",
    "early_callback": "Thanh toán, tin báo đến trước",
    "charge_then_timeout": "Trừ tiền rồi rớt mạng",
}

TEXT, REFERENCE, AMOUNT = "Nội dung", "Mã giao dịch", "Số tiền"
_SUM = ' class="sum"'
_STYLE = """
body{margin:0;font:16px/1.55 system-ui,sans-serif;background:#eef3f8;color:#14202b}
header{background:COLOUR;color:#fff;padding:14px 20px;font-weight:600}
main{max-width:560px;margin:24px auto;background:#fff;border:1px solid #c9d4df;border-radius:10px;
padding:20px 24px}
h1{font-size:22px;margin:0 0 12px}
dl{display:grid;grid-template-columns:auto 1fr;gap:6px 16px;margin:0 0 20px}
dt{color:#51606e}dd{margin:0;overflow-wrap:anywhere}.sum{font-size:22px;font-weight:700}
button{font:inherit;min-height:44px;padding:8px 16px;border-radius:8px;border:1px solid #6d7f90;
background:#fff;color:#14202b;cursor:pointer;width:100%;text-align:left}
button.first{background:COLOUR;border-color:COLOUR;color:#fff;font-weight:600;text-align:center}
button:focus-visible,input:focus-visible{outline:3px solid #1d5fd6;outline-offset:2px}
h2{font-size:16px;margin:24px 0 8px}.more{display:grid;gap:8px}
input{font:inherit;min-height:40px;width:6em;padding:0 8px;border:1px solid #6d7f90;
border-radius:8px}
.note{background:#fff4d6;border-radius:8px;padding:8px 12px}
"""


@dataclass(frozen=True, slots=True)
class Look:
    """What tells one rail's pages from another's."""

    title: str
    colour: str  # dark enough for white letters
    taken: str  # said where the money was taken already


def payment_page(
    look: Look, *, send_to: str, facts: Mapping[str, str], note: str = ""
) -> HttpReply:
    """Return the page of an open session, whose form posts to *send_to*."""
    first, *others = ACTIONS.items()
    more = "\n".join(_button(name, label) for name, label in others)
    return _page(
        look,
        f"""<h1>Xác nhận thanh toán</h1>
{f'<p class="note" role="alert">{escape(note)}</p>' if note else ""}
{_list(facts)}
<form method="post" action="{escape(send_to)}">
{_button(*first, kind="first")}
<h2>Thử các tình huống khác</h2>
<div class="more">
<p><label for="seconds">Báo chậm bao nhiêu giây</label>
<input id="seconds" name="seconds" inputmode="numeric" value="5"></p>
{more}
</div>
</form>""",
        status=400 if note else 200,
    )


def closed_page(look: Look, *, facts: Mapping[str, str]) -> HttpReply:
    """Return the page of a session that took the money."""
    return _page(
        look,
        f"""<h1>Giao dịch đã hoàn tất</h1>
{_list(facts)}
<p>{escape(look.taken)}</p>""",
        status=409,
    )


def refused_page(look: Look, *, why: str) -> HttpReply:
    """Return the page of a start that the rail does not take."""
    return _page(look, f"<h1>Không mở được giao dịch</h1>\n<p>{escape(why)}</p>", status=400)


def lost_page(look: Look) -> HttpReply:
    """Return the page for an address without a session."""
    return _page(look, "<h1>Không tìm thấy giao dịch</h1>", status=404)


def _list(facts: Mapping[str, str]) -> str:
    rows = "\n".join(
        f"<dt>{escape(name)}</dt><dd{_SUM if name == AMOUNT else ''}>{escape(value)}</dd>"
        for name, value in facts.items()
    )
    return f"<dl>{rows}</dl>"


def _button(name: str, label: str, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<button{style} name="action" value="{name}">{escape(label)}</button>'


def _page(look: Look, body: str, status: int) -> HttpReply:
    html = f"""<!doctype html>
<html lang="vi"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(look.title)}</title>
<style>{_STYLE.replace("COLOUR", look.colour)}</style></head>
<body><header>{escape(look.title)}</header>
<main>
{body}
</main></body></html>
"""
    headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    return HttpReply(status, headers, html.encode())
