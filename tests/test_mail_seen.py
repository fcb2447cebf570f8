"""Mail as it is seen: on phones and desks, in light and dark, nothing overflows and axe-core finds nothing wrong."""

import histories
import pytest
from test_everyone import violations

from tracker import alerts, history
from tracker.alerts import operating
from tracker.alerts.composing import compose
from tracker.alerts.deciding import news
from tracker.alerts.operating import Trouble
from tracker.alerts.telling import Site
from tracker.store import derived
from tracker.store.outbox import Alert, Delivery

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def mails(tmp_path_factory):
    """The HTML of an alert on several clauses, with an address that nothing breaks, and of a trouble."""
    to = alerts.subscriptions([{"to": "mailto:desk@example.org", "language": "de"}])[0]
    archive = histories.sample(tmp_path_factory.mktemp("mail") / "tracker.db")
    with archive.read() as store:
        found = [
            Alert(0, change.document.id, one.clause, one.verdict, one.stands, 0, "held", change.at, one.facts)
            for change in derived.changes(store, flagged=True)
            for one in news(history.change(store, change.id))
        ]
    wide = found[0].facts | {
        "after": f"{found[0].facts['after']} https://example.org/{'x' * 300}",
        "heading": "H" * 300,
    }
    found[0].facts.update(wide)
    facts = operating.facts(Trouble("blocked", "a/b", "A B", archive.at, "Status 403."), True, "A B")
    trouble = Alert(0, "a/b", "watch:blocked", "", True, 0, "confirmed", archive.at, facts)
    site = Site("https://terms.example.org/")
    return {
        "alert": compose("n", [Delivery(0, one, "", "news", 0, "", ()) for one in found], to, site).html,
        "trouble": compose("n", [Delivery(0, trouble, "", "trouble", 0, "", ())], to).html,
    }


@pytest.mark.parametrize("name", ["alert", "trouble"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_mail_can_be_read_by_everyone(chromium, mails, name, scheme, width):
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    try:
        page = context.new_page()
        page.set_content(mails[name])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert violations(page) == []
    finally:
        context.close()
