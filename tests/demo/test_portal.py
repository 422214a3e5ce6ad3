import re
import threading
from pathlib import Path

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request as Arrived
from werkzeug.wrappers import Response

from paygate.demo.portal import forms
from paygate.demo.portal.client import Answer, HttpTransport, Request, SilentError
from paygate.demo.portal.english import ENGLISH
from paygate.demo.portal.forms import read_form
from paygate.demo.portal.procedures import PROCEDURES
from paygate.demo.portal.states import OTHER, STATES
from tests.demo.fake_gateway import URL
from tests.demo.page import text_of

FOLDER = Path(forms.__file__).parent
FORM = "/nop-ho-so/ho-tich"


def shown_texts():
    """Every text that goes through the catalogue."""
    said = set()
    for template in FOLDER.glob("templates/*.html"):
        calls = re.findall(r"""\b_\((?:"([^"]*)"|'([^']*)')\)""", template.read_text())
        said |= {double or single for double, single in calls}
    said |= set(forms.ERRORS) | {state.label for state in (*STATES.values(), OTHER)}
    for procedure in PROCEDURES.values():
        said |= {procedure.name, *(fee.name for fee in procedure.fees)}
    return said


def test_every_text_has_an_english_one_and_none_is_left_over():
    assert shown_texts() == set(ENGLISH)


def test_the_portal_is_an_outside_program():
    allowed = ("paygate.domain.", "paygate.demo.portal")
    for module in FOLDER.glob("*.py"):
        ours = re.findall(r"^(?:from|import) (paygate\S*)", module.read_text(), re.MULTILINE)

        assert [name for name in ours if not name.startswith(allowed)] == [], module.name


def test_no_template_shows_vietnamese_outside_the_catalogue():
    kept = {"Cổng DVC Hải Dương", "Tiếng Việt"}  # names, in their own language on every page
    for template in FOLDER.glob("templates/*.html"):
        bare = re.sub(r"(?s)\{\{.*?\}\}|\{%.*?%\}", "", template.read_text())
        for name in kept:
            bare = bare.replace(name, "")

        assert re.findall(r"[À-ỹ]+", bare) == [], template.name


@pytest.mark.functional
def test_the_first_page_offers_the_services_and_their_fees(visitor):
    text = text_of(visitor.get("/"))

    assert "Cổng DVC Hải Dương (bản trình diễn)" in text
    assert "Cấp bản sao trích lục hộ tịch Mã thủ tục 9.000001 Lệ phí hộ tịch 5.000 VND" in text
    assert "Phí thẩm định hồ sơ 120.000 VND Lệ phí địa chính 30.000 VND" in text
    assert "Tổng cộng 150.000 VND" in text


@pytest.mark.functional
def test_the_language_is_remembered(visitor):
    assert '<html lang="vi">' in visitor.get("/").text
    assert '<html lang="en">' in visitor.get("/?lang=en").text
    assert "Choose a service" in text_of(visitor.get("/"))
    assert '<html lang="en">' in visitor.get("/?lang=xx").text
    assert "Chọn dịch vụ công" in text_of(visitor.get("/?lang=vi"))


@pytest.mark.functional
def test_changing_the_language_keeps_the_rest_of_the_address(visitor):
    page = visitor.get("/ket-qua?order_id=a%26b&state=paid").text

    assert 'href="/ket-qua?order_id=a%26b&amp;state=paid&amp;lang=en"' in page


@pytest.mark.functional
@pytest.mark.parametrize(
    "path", ["/", FORM, "/nowhere", "/static/portal.css", "/ket-qua", "/webhooks/paygate"]
)
def test_every_answer_carries_the_security_headers(visitor, path):
    with visitor.get(path) as answer:
        headers = answer.headers

    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {URL}"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert ("no-store" in headers["Cache-Control"]) == (not path.startswith("/static"))


@pytest.mark.functional
@pytest.mark.parametrize("path", ["/", FORM, "/nowhere"])
def test_no_page_has_inline_style_or_script(visitor, path):
    assert re.findall(r"<script|<style|\sstyle=|\son\w+=|http-equiv", visitor.get(path).text) == []


@pytest.mark.functional
@pytest.mark.parametrize("path", ["/nowhere", "/ho-so/none", "/nop-ho-so/none", "/ho-so/x/gui-lai"])
def test_what_does_not_exist_is_told_in_words(visitor, path):
    answer = visitor.get(path)

    assert answer.status_code == 404
    assert "Không tìm thấy trang này" in text_of(answer)


@pytest.mark.functional
def test_more_than_any_form_or_event_can_hold_is_refused(visitor):
    assert visitor.post("/webhooks/paygate", data=b"x" * 65_537).status_code == 413
    assert visitor.post(FORM, data={"name": "x" * 65_537}).status_code == 413


@pytest.mark.parametrize(
    ("name", "login"),
    [
        ("NGUYỄN VĂN MẪU", "maunv.hdg"),
        ("Đỗ Thị Ước", "uocdt.hdg"),
        ("Mẫu", "mau.hdg"),
        ("田中", "congdan.hdg"),
    ],
)
def test_an_account_is_named_as_in_the_deck(name, login):
    assert read_form({"name": name}).login == login


def test_an_application_prints_nothing_personal():
    application = read_form({"name": "NGUYỄN VĂN MẪU", "account_number": "0011002233"})

    assert "0011002233" not in repr(application)
    assert "MẪU" not in repr(application)


@Arrived.application
def _echo(request):
    if request.path == "/away":
        return Response(status=302, headers={"Location": "/elsewhere"})
    sent = f"{request.method} {request.headers['X-Test']} ".encode() + request.get_data()
    return Response(sent, status=418)


@pytest.fixture
def server():
    server = make_server("127.0.0.1", 0, _echo, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.loopback
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_request_goes_over_the_wire_as_it_is(server):
    sent = Request("POST", f"{server}/x", {"X-Test": "1"}, "số".encode())

    assert HttpTransport().send(sent) == Answer(418, "POST 1 số".encode())


@pytest.mark.loopback
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_redirect_is_not_followed(server):
    assert HttpTransport().send(Request("GET", f"{server}/away", {}, None)).status == 302


@pytest.mark.loopback
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_closed_door_is_silence():
    with pytest.raises(SilentError):
        HttpTransport().send(Request("GET", "http://127.0.0.1:1/", {}, None))
