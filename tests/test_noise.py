"""Each rule of noise drops its noise, and never a change of words."""

import pytest
from bs4 import BeautifulSoup

from tracker.extract import noise
from tracker.extract.measure import measure


def found(html: str) -> list[str]:
    page = f"<main><p>{'These terms govern what you do here. ' * 12}</p>{html}</main>"
    return [name for _, name in noise.find(measure(BeautifulSoup(page, "lxml").body))]


@pytest.mark.parametrize(
    ("rule", "html"),
    [
        ("consent", "<div id=onetrust-consent-sdk>" + "<p>We use cookies from 842 vendors.</p>" * 40 + "</div>"),
        ("consent", "<div class='cookie-banner x'>We use cookies.</div>"),
        ("consent", "<section class='bar_cookieBanner__sW1Pc'>We use cookies.</section>"),
        ("announcer", "<div aria-live=polite>Terms page loaded</div>"),
        ("announcer", "<next-route-announcer><p>Terms</p></next-route-announcer>"),
        ("skip-link", "<a href='#main'>Skip to main content</a>"),
        ("font-probe", "<span><div>word word word word</div></span>"),
        ("font-probe", "<div>mmMwWLliI0fiflO&1 mmMwWLliI0fiflO&1 MMwwllii</div>"),
        ("key-hint", "<p><span>Ctrl+K</span></p>"),
        ("key-hint", "<div>⌘K</div>"),
        ("screen-reader", "<p>See <a href=/x>here<span class=sr-only> (opens in a new tab)</span></a> for more.</p>"),
        (
            "screen-reader",
            "<blockquote class=visually-hidden><h2>For machines</h2><p>Fetch the index.</p></blockquote>",
        ),
        ("overlay", "<div class='fixed inset-0'><p>Answers are made by a machine.</p></div>"),
        ("overlay", "<div id=forgottenPasswordModal><p>Enter your address.</p></div>"),
        ("pager", "<div class=pagination><a href=/next>Privacy Policy</a></div>"),
        ("credits", "<ul>" + "<li><a href='https://www.linkedin.com/in/x'>Ann Example</a></li>" * 12 + "</ul>"),
        ("vote", "<div><p>Was this article helpful?</p></div>"),
        ("vote", "<p>123 out of 456 found this helpful</p>"),
        ("relative-date", "<p>Updated 3 days ago</p>"),
        ("relative-date", "<div>Updated over a week ago</div>"),
        ("relative-date", "<p>il y a 3 jours</p>"),
    ],
)
def test_each_rule_knows_its_noise(rule, html):
    assert found(html) == [rule]


@pytest.mark.parametrize(
    "html",
    [
        "<p>We use cookies to keep you signed in.</p>",
        "<div class=cookie-policy>How we use cookies.</div>",
        "<p>If you asked us more than 30 days ago, write again.</p>",
        "<p>Updated: 3 March 2026</p>",
        "<p>Accounts without a login are deleted after one year.</p>",
        "<p>See <a href='#s'>Section 3</a>.</p>",
        "<p>Was the service helpful to you, we may ask you for a review of it in public, under your own name.</p>",
        "<div aria-live=polite>" + "These terms govern your use of it. " * 20 + "</div>",
        "<p>no no</p>",
        "<table><tr><td>Yes</td><td>Yes</td><td>Yes</td><td>Yes</td></tr></table>",
        "<div id=cookie-notice><h1>Cookie Notice</h1>"
        + "<p>We set cookies for the purposes below.</p>" * 20
        + "</div>",
        "<p>第一条：用户上传的内容，我们可以使用。</p>",
        "<h1 class=sr-only>Privacy Policy</h1>",
        "<div class=sr-only><h1>Privacy Policy</h1></div>",
        "<h1 class='title overlay-safe'>Terms</h1>",
        "<h3 id=sharing><a href='#sharing'>Sharing</a></h3>",
        "<div class=modal>" + "<p>These terms govern your use of the service that we offer.</p>" * 20 + "</div>",
        "<ul>" + "<li><a href='https://vendor.example/privacy'>A processor of ours</a></li>" * 30 + "</ul>",
        "<p>We change it <b>today</b>, not <i>3 days ago</i>.</p>",
        "<table><tr><td>_ga<td>one hour<tr><td>_id<td>2 days ago</table>",
        "<div role=alert>Please read Section 12: it has an agreement to arbitrate, which limits your rights.</div>",
        "<a href='#fees'>Go to Fees</a>",
    ],
)
def test_words_of_the_text_are_left_alone(html):
    assert found(html) == []


def test_every_rule_says_why():
    assert all(rule.reason for rule in noise.RULES)
    assert len({rule.name for rule in noise.RULES}) == len(noise.RULES)
