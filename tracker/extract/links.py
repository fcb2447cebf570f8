"""Link targets without what changes from visit to visit: each rule has a name, a reason and a test.

A target that loses its session number is still the same address for a reader; the words of a link are never touched.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

LONGEST = 2000  # characters; longer targets are signed or generated and are shortened to their path
SCHEMES = ("http", "https", "mailto", "tel")

# rule "campaign": where a visitor came from, not where the link goes
CAMPAIGN = re.compile(r"^(?:utm_|pk_|mtm_|hsa_|_hs|mc_|vero_|oly_|__s$|wt\.|at_|ga_|matomo_)", re.I)
_CAMPAIGN_NAMES = (
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid twclid ttclid igshid igsh yclid li_fat_id srsltid _gl _ga _gac "
    "s_cid s_kwcid ref_src ref_url cmpid icid trk trkinfo mkt_tok ncid sc_cid epik rdt_cid irclickid"
)
CAMPAIGN_NAMES = frozenset(_CAMPAIGN_NAMES.split())
# rule "session": an identifier of this visit, of this build of the page or a one-time number
_SESSION = (
    "sid sessionid session_id session phpsessid jsessionid aspsessionid cfid cftoken token csrf csrf_token _csrf "
    "nonce state requestid request_id req_id rid trace traceid trace_id correlationid correlation_id visitor "
    "visitorid visitor_id uid uuid guid did device_id deviceid anonymous_id anonymousid anon_id clientid client_id "
    "cid h hash ts timestamp _t cachebuster cb _cb rand random nocache flowid flow_id spm scm openaicom-did "
    "openaicom_referred authuser continue xid _hsenc _hsmi buildid build"
)
SESSION = frozenset(_SESSION.split())
# rule "signed": storage addresses that are signed anew for every visitor
SIGNED = re.compile(
    r"^(?:x-amz-|x-goog-|x-oss-|x-ms-|oh$|oe$|_nc_|ccb$|expires$|signature$|policy$|key-pair-id$)", re.I
)
_SIGNED_NAMES = "sig se sp sv sr st skoid sktid skt ske sks skv awsaccesskeyid googleaccessid"
SIGNED_NAMES = frozenset(_SIGNED_NAMES.split())
# rule "redirector": the address that a redirect carries is the one that a reader reaches
_REDIRECTORS = (
    "l.facebook.com lm.facebook.com l.instagram.com l.messenger.com l.threads.com l.threads.net l.workplace.com "
    "www.google.com google.com out.reddit.com steamcommunity.com exit.sc vk.com away.vk.com t.umblr.com "
    "nam02.safelinks.protection.outlook.com"
)
REDIRECTORS = frozenset(_REDIRECTORS.split())
REDIRECTS = frozenset(("redirect", "redir", "leaving", "away", "out", "linkfilter", "l.php", "url"))
REDIRECT_NAMES = ("u", "url", "q", "to", "target", "dest", "destination", "redirect", "redirect_to", "goto")
# rule "opaque": a piece of a path or a value that is only a generated identifier
OPAQUE = re.compile(
    r"^(?:[0-9a-fA-F]{16,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|v\d+\.[0-9a-f-]{16,}"
    r"|(?=[A-Za-z_]*\d)(?=[a-z0-9_]*[A-Z])(?=[A-Z0-9_]*[a-z])\w{24,})$",
    re.A,
)
OPAQUE_INSIDE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{24,}", re.I)
PATH_SESSION = re.compile(r";(?:jsessionid|sid|phpsessid)=[^/?#]*", re.I)
EMAIL_PATH = "/cdn-cgi/l/email-protection"


def target(href: str, base: str, drop_parameters: tuple[str, ...] = ()) -> str:
    """The absolute address of a link without noise, or "" where it leads nowhere that a reader can follow.

    `base` is the address of the page (or its `<base href>`). Addresses within the page (`#…`) give "".
    `drop_parameters` are further query parameters to cut. Never raises.
    """
    href = re.sub(r"[\x00-\x20\x7f]+", lambda run: " " if " " in run.group() else "", href).strip()
    if not href or href.startswith("#"):
        return ""
    try:
        absolute = urljoin(base, href)
        parts = urlsplit(absolute)
        if parts.scheme.lower() not in SCHEMES:
            return ""
        if parts.scheme.lower() in ("mailto", "tel"):
            return _quoted(f"{parts.scheme.lower()}:{unquote(parts.path).strip()}")
        if not parts.hostname or _is_within(parts, base):
            return ""
        return _canonical(absolute, frozenset(name.lower() for name in drop_parameters), hops=3)
    except ValueError:
        return ""


def _is_within(parts, base: str) -> bool:
    here = urlsplit(base)
    return bool(parts.fragment) and (parts.netloc, parts.path, parts.query) == (here.netloc, here.path, here.query)


def _canonical(url: str, dropped: frozenset[str], hops: int) -> str:
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=200)
    if hops and (inner := _inner(parts, pairs)):
        return _canonical(inner, dropped, hops - 1)
    kept = [(key, value) for key, value in pairs if not _is_noise(key, value, dropped)]
    path = PATH_SESSION.sub("", parts.path)
    path = "/".join("…" if OPAQUE.match(piece) else OPAQUE_INSIDE.sub("…", piece) for piece in path.split("/"))
    fragment = "" if OPAQUE_INSIDE.search(parts.fragment) or parts.fragment.startswith(":~:") else parts.fragment
    query = urlencode(kept) if len(kept) != len(pairs) else parts.query
    clean = urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path or "/", query, fragment))
    if len(clean) > LONGEST:
        clean = urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path[:LONGEST] or "/", "", ""))
    return _quoted(clean)


def _inner(parts, pairs: list[tuple[str, str]]) -> str:
    """The address inside a redirector's address: only for hosts known to do this, or paths that say so."""
    says_so = not REDIRECTS.isdisjoint(parts.path.lower().split("/"))
    if parts.hostname not in REDIRECTORS and not says_so:
        return ""
    for key, value in pairs:
        if key.lower() in REDIRECT_NAMES and value.startswith(("http://", "https://")):
            return value
    # some carry the address as the rest of the path: /redirect/<build>/website/https%3A%2F%2F…
    tail = unquote(parts.path).partition("/http")[2]
    return f"http{tail}" if says_so and tail.startswith(("://", "s://")) else ""


def _is_noise(key: str, value: str, dropped: frozenset[str]) -> bool:
    name = key.lower()
    if name in dropped or name in CAMPAIGN_NAMES or name in SESSION or name in SIGNED_NAMES:
        return True
    return bool(CAMPAIGN.match(name) or SIGNED.match(name) or OPAQUE.match(value))


def _quoted(url: str) -> str:
    """Safe inside a Markdown link: no spaces, brackets, quotes or line ends."""
    return quote(url, safe="…%/:=&?~#+!$,;'@*-._", errors="ignore").replace("%E2%80%A6", "…")


def email(cipher: str) -> str:
    """The address that Cloudflare hides as hexadecimal digits, "" where it is none.

    The first byte is the key of the others and changes with every request.
    """
    digits = cipher.strip()[:400]
    if len(digits) < 6 or len(digits) % 2 or not re.fullmatch(r"[0-9a-fA-F]+", digits):
        return ""
    data = bytes.fromhex(digits)
    plain = bytes(byte ^ data[0] for byte in data[1:]).decode("utf-8", "ignore")
    return plain if "@" in plain and plain.isprintable() else ""
