"""The rules that the house brings, by which a visitor's class is told for a start; the owner edits them and adds others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import Rule

# A path, a query or an agent is told as the client sent it: what is spelled with percent signs has to be met as well.
_UP = r"(\.|%2e)(\.|%2e)(/|\\|%2f|%5c)"
_FILES = r"(/|%2f)etc(/|%2f)(passwd|shadow)|(win|boot)\.ini|proc(/|%2f)self(/|%2f)environ"
_BLANK = r"(\s|\+|%20|%09|%0a|/\*.*?\*/)"
_SQL = (
    rf"union{_BLANK}+(all{_BLANK}+)?select|information_schema|(sleep|benchmark|pg_sleep|extractvalue|updatexml)(\(|%28)"
    rf"|waitfor{_BLANK}+delay|('|%27){_BLANK}*(or|and){_BLANK}+('|%27|\d)|;{_BLANK}*(drop|delete){_BLANK}"
)
_SCRIPT = r"(<|%3c)script|(<|%3c)(img|svg|iframe)[^&]*on\w+(=|%3d)|javascript(:|%3a)|document(\.|%2e)cookie"
_COMMAND = (
    r"(\$|%24)(\{|%7b)jndi|\(\)\s*\{|call_user_func|invokefunction|allow_url_include|auto_prepend_file|base64_decode"
    r"|(;|%3b|\||%7c|`|%60)(\s|\+|%20)*(cat|wget|curl|chmod|nc|bash|sh|id|uname)(\s|\+|%20|%24|$)"
)
_TOOLS = (
    r"(phpmyadmin|/pma(/|$)|/myadmin|adminer[^/]*\.php|/cgi-bin/|/boaform|/hnap1|/gponform|/actuator(/|$)|/solr/admin"
    r"|/manager/html|/vendor/phpunit|eval-stdin|/_ignition|/telescope/requests|/owa/auth|/autodiscover|/goform/|/muieblackcat"
    r"|/w00tw00t|/(c99|r57|shell|cmd|webshell)\.(php|aspx?|jsp)|/struts|\.action$|/jenkins/script|/server-status$)"
)
_SCANNERS = (
    r"nikto|sqlmap|nmap|masscan|zgrab|nuclei|acunetix|nessus|openvas|dirbuster|gobuster|wpscan|feroxbuster|\mffuf|w3af|arachni"
    r"|havij|zmeu|morfeus|jorgee|fuzz faster|whatweb|l9explore|censysinspect|expanse|palo alto networks|internet-measurement"
)
_MONITORS = (
    r"uptimerobot|pingdom|statuscake|site24x7|updown\.io|better ?uptime|betterstack|nagios|check_http|zabbix|prometheus"
    r"|blackbox|kube-probe|elb-healthchecker|googlehc|gatus|uptime-kuma|hetrixtools|freshping|newrelicpinger|synthetics"
    r"|monitis|monitoring|healthcheck"
)
_AI = (
    r"gptbot|oai-searchbot|chatgpt|claudebot|claude-(web|user|searchbot)|anthropic|perplexity|google-extended|ccbot"
    r"|bytespider|amazonbot|meta-external(agent|fetcher)|facebookbot|applebot-extended|cohere-|diffbot|omgili|youbot|ai2bot"
    r"|mistralai|duckassistbot|timpibot|imagesiftbot|deepseek|velenpublicwebcrawler|img2dataset|petalai"
)
_SEARCH = (
    r"googlebot|google-inspectiontool|storebot-google|adsbot-google|mediapartners-google|feedfetcher-google|bingbot"
    r"|bingpreview|adidxbot|msnbot|slurp|duckduckbot|baiduspider|yandex\w*(bot|images)|yandex\w*/|sogou|exabot|qwant|applebot"
    r"|seznambot|petalbot|naverbot|yeti/|mojeekbot|coccocbot|ia_archiver|archive\.org_bot|gigabot|blekkobot|istellabot"
)
_ROBOTS = (
    r"(?<!cu)bot\M|crawl|spider|scrap(y|er)|feed|rss|fetch|curl/|wget|python|^java/|okhttp|go-http-client|libwww|http-?client|axios"
    r"|node-fetch|headless|phantomjs|selenium|preview|facebookexternalhit|whatsapp|telegram|ruby|perl|php/|postman|insomnia|apt-http"
    r"|validator|lighthouse|archiver|https?://|@[\w.-]+\.\w{2,}"
)

# origin, class, subject, pattern, and whether only a success counts; in the order in which they are asked
HOUSE = (
    ("back-office", "staff", "path", r"^/backoffice(/|$)", True),
    ("secret-files", "attack", "path", r"(^|/)\.(env|git|svn|hg|aws|ssh|htpasswd|htaccess|ds_store|vscode|npmrc|docker)", False),
    ("wordpress", "attack", "path", r"(wp-login\.php|xmlrpc\.php|/wp-(admin|content|includes|config|json)|wlwmanifest\.xml)", False),
    ("traversal", "attack", "path", f"{_UP}|{_FILES}", False),
    ("traversal-query", "attack", "query", f"{_UP}|{_FILES}", False),
    ("injection", "attack", "query", f"{_SQL}|{_SCRIPT}|{_COMMAND}", False),
    ("injection-path", "attack", "path", f"{_SQL}|{_SCRIPT}|{_COMMAND}", False),
    ("injection-agent", "attack", "agent", _COMMAND, False),
    ("injection-referrer", "attack", "referrer", _COMMAND, False),
    ("tools", "attack", "path", _TOOLS, False),
    ("backups", "attack", "path", r"\.(sql|bak|old|swp|pem|key)(\.(gz|zip|bz2))?$|/(backup|dump|db)\.(zip|tar|gz|tgz|rar|7z)", False),
    ("binary", "attack", "path", r"^(\\x|%16%03|[^/*]*\\x16\\x03)", False),
    ("scanners", "attack", "agent", _SCANNERS, False),
    ("misses", "attack", "misses", "60", False),
    ("health", "monitor", "path", r"^/(healthz|readyz)$", False),
    ("monitors", "monitor", "agent", _MONITORS, False),
    ("ai-robots", "ai", "agent", _AI, False),
    ("search-robots", "search", "agent", _SEARCH, False),
    ("robots", "bot", "agent", _ROBOTS, False),
    ("nameless", "bot", "agent", r"^-?$", False),
    ("robots-txt", "bot", "path", r"^/robots\.txt$", False),
)  # fmt: skip
ATTACKS = f"{_UP}|{_FILES}|{_SQL}|{_SCRIPT}|{_COMMAND}"  # what attacks write into the value of a parameter
FIRST, STEP = 1000, 10  # the owner's rules come before, with positions below the first one


def store_house_rules(session: Session) -> None:
    """See that the rules which the house brings are there; what the owner made of them stays."""
    if session.scalar(select(func.count()).where(Rule.origin.in_([rule[0] for rule in HOUSE]))) == len(HOUSE):
        return
    session.execute(
        insert(Rule).on_conflict_do_nothing(index_elements=["origin"], index_where=Rule.origin != ""), list(_rows())
    )


def _rows() -> Iterator[dict[str, Any]]:
    for place, (origin, kind, subject, pattern, answered) in enumerate(HOUSE):
        yield {
            "position": FIRST + STEP * place, "name": origin, "kind": kind, "subject": subject, "pattern": pattern,
            "answered": answered, "origin": origin,
        }  # fmt: skip
