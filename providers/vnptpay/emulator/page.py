"""The wallet's hosted page: plain, labelled as a test, and with a button for each way to end."""

from __future__ import annotations

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

TITLE = "VNPT Money – môi trường thử nghiệm"  # Vietnamese sets off with a dash

_STYLE = """
body{margin:0;font:16px/1.55 system-ui,sans-serif;background:#eef3f8;color:#14202b}
header{background:#0a4f8f;color:#fff;padding:14px 20px;font-weight:600}
main{max-width:560px;margin:24px auto;background:#fff;border:1px solid #c9d4df;border-radius:10px;
padding:20px 24px}
h1{font-size:22px;margin:0 0 12px}
dl{display:grid;grid-template-columns:auto 1fr;gap:6px 16px;margin:0 0 20px}
dt{color:#51606e}dd{margin:0;overflow-wrap:anywhere}.sum{font-size:22px;font-weight:700}
button{font:inherit;min-height:44px;padding:8px 16px;border-radius:8px;border:1px solid #6d7f90;
background:#fff;color:#14202b;cursor:pointer;width:100%;text-align:left}
button.first{background:#0a4f8f;border-color:#0a4f8f;color:#fff;font-weight:600;text-align:center}
button:focus-visible,input:focus-visible{outline:3px solid #1d5fd6;outline-offset:2px}
h2{font-size:16px;margin:24px 0 8px}.more{display:grid;gap:8px}
input{font:inherit;min-height:40px;width:6em;padding:0 8px;border:1px solid #6d7f90;
border-radius:8px}
.note{background:#fff4d6;border-radius:8px;padding:8px 12px}
"""


def payment_page(*, reference: str, amount: str, text: str, note: str = "") -> HttpReply:
    """Return the page of an open session."""
    first, *others = ACTIONS.items()
    more = "\n".join(_button(name, label) for name, label in others)
    return _page(
        f"""<h1>Xác nhận thanh toán</h1>
{f'<p class="note" role="alert">{escape(note)}</p>' if note else ""}
{_order(reference, amount, text)}
<form method="post" action="{escape(reference)}">
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


def closed_page(*, reference: str, amount: str, text: str) -> HttpReply:
    """Return the page of a session that took the money."""
    return _page(
        f"""<h1>Giao dịch đã hoàn tất</h1>
{_order(reference, amount, text)}
<p>Khoản này đã được thanh toán. Ví không trừ tiền thêm lần nào nữa.</p>""",
        status=409,
    )


def lost_page() -> HttpReply:
    """Return the page for an address without a session."""
    return _page("<h1>Không tìm thấy giao dịch</h1>", status=404)


def _order(reference: str, amount: str, text: str) -> str:
    return f"""<dl><dt>Nội dung</dt><dd>{escape(text)}</dd>
<dt>Mã giao dịch</dt><dd>{escape(reference)}</dd>
<dt>Số tiền</dt><dd class="sum">{escape(amount)}</dd></dl>"""


def _button(name: str, label: str, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<button{style} name="action" value="{name}">{escape(label)}</button>'


def _page(body: str, status: int) -> HttpReply:
    html = f"""<!doctype html>
<html lang="vi"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{TITLE}</title>
<style>{_STYLE}</style></head>
<body><header>{TITLE}</header>
<main>
{body}
</main></body></html>
"""
    headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    return HttpReply(status, headers, html.encode())
