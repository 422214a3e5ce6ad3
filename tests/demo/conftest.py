from pathlib import Path

import pytest
from flask.testing import FlaskClient

from paygate.demo.portal.app import create_portal
from tests.demo.fake_gateway import API_KEY, NOW, SECRET, URL, FakeGateway


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def visitor(gateway: FakeGateway, tmp_path: Path) -> FlaskClient:
    portal = create_portal(
        gateway_url=URL,
        api_key=API_KEY,
        webhook_secret=SECRET,
        public_url="http://127.0.0.1:8002",
        beneficiary="000.30.27.H23",
        data_path=tmp_path / "portal.sqlite3",
        now=lambda: NOW,
        transport=gateway,
    )
    return portal.test_client()


@pytest.fixture
def typed() -> dict[str, str]:
    return {
        "filing": "F" * 32,
        "name": "NGUYỄN VĂN MẪU",
        "id_number": "999000000001",
        "phone": "0100000001",
        "account_number": "",
        "account_holder": "NGUYỄN VĂN MẪU",
        "bank_bin": "",
        "declaration": "yes",
    }
