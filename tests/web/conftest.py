"""Pages of the gallery as HTML, without a server."""

import pytest

from paygate.http.i18n import Language
from paygate.web.render import render
from tests.support.pages import GALLERY, gallery_app


@pytest.fixture(scope="module")
def html_of():
    """Return the HTML of a page by its name in the gallery, or of a template and its page."""
    app = gallery_app()

    def make(what, language=Language.VI):
        with app.test_request_context():
            template, page = GALLERY[what](language) if isinstance(what, str) else what
            return render(template, page)

    return make
