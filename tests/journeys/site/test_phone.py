"""A phone installs the site and receives a push: the worker of a real browser, and a push service of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import CDPSession, expect

from tests.journeys.conftest import House, Visitor
from tests.rooms.push.service import PushService
from webapp.blueprints.installed import views as installed
from webapp.blueprints.tasks.gateways.runner import execute

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
# The maker's own push service cannot be reached from here: the browser is given an address of the test's.
SUBSCRIBES = """
const told = %s;
const made = (options) => ({ ...told, options, toJSON: () => told, unsubscribe: async () => !sessionStorage.removeItem("key") });
PushManager.prototype.subscribe = async function (options) {
  if (!options.userVisibleOnly) throw new Error("userVisibleOnly");
  sessionStorage.setItem("key", [...options.applicationServerKey].join());
  return made(options);
};
PushManager.prototype.getSubscription = async function () {
  const key = sessionStorage.getItem("key");
  return key && made({ applicationServerKey: Uint8Array.from(key.split(",")).buffer });
};
"""
NOTIFICATIONS = """async () => {
  const registration = await navigator.serviceWorker.ready;
  return (await registration.getNotifications()).map(({ title, body, lang, tag, icon }) => ({ title, body, lang, tag, icon }));
}"""
TAP = """async () => {
  const [notification] = await self.registration.getNotifications();
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
}"""
# What Chromium does by itself on a phone, after some visits.
OFFERS = """() => {
  const offer = new Event("beforeinstallprompt", { cancelable: true });
  offer.prompt = async () => { document.title = "asked"; };
  window.dispatchEvent(offer);
  return offer.defaultPrevented;
}"""
IPHONE = """
const agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1";
Object.defineProperty(navigator, "userAgent", { get: () => agent });
navigator.standalone = false;
"""
CONTROLLED = "Boolean(navigator.serviceWorker.controller)"


def wait_until(visitor: Visitor, expression: str) -> None:
    """Look again and again until something is true in the page; Playwright's own way needs `eval`, which the page forbids."""
    looks = f"""async () => {{
      for (let look = 0; look < 200; look += 1) {{
        if (await ({expression})) return;
        await new Promise((go) => setTimeout(go, 50));
      }}
      throw new Error("it never came true");
    }}"""
    visitor.page.evaluate(looks)


@pytest.fixture
def service(house: House) -> Iterator[PushService]:
    """A push service, to which this house may send though it is on this machine."""
    before = house.app.extensions["settings"]
    house.app.extensions["settings"] = replace(before, push_local=True)
    with PushService().running() as running:
        yield running
    house.app.extensions["settings"] = before


def kept_pages(phone: Visitor) -> list[str]:
    """The paths of the pages that the worker keeps."""
    names = "caches.open('bottega-pages').then(async (pages) => (await pages.keys()).map(({ url }) => new URL(url).pathname))"
    return list(phone.page.evaluate(names))


def write_and_send(office: Visitor) -> None:
    """Write a notification to all who want news, look at it, and send it."""
    office.go("/backoffice/site/push/new")
    form = office.page
    form.get_by_label("To whom").select_option(label="Topic: News")
    form.locator("[name=title_it]").fill("Nuovi piatti")
    form.locator("[name=title_en]").fill("New plates")
    form.locator("[name=body_en]").fill("Come and see them")
    form.locator("[name=link_en]").fill("/en/offline")
    form.get_by_role("button", name="Save and look at it").click()
    expect(form.get_by_text("It would go to 1 browser now.")).to_be_visible()
    form.get_by_role("button", name="Send now").click()
    send = form.locator("#confirm-dialog").get_by_role("button", name="Send")
    expect(send).to_have_class("btn btn-primary")  # red is for what destroys
    send.click()
    expect(form.get_by_text("The notification is on its way.")).to_be_visible()


def deliver(phone: Visitor, devtools: CDPSession, told: dict[str, Any]) -> None:
    """Hand the browser's worker what its push service would."""
    numbers: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: numbers.extend(each["registrationId"] for each in event["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    wait_until(phone, "navigator.serviceWorker.ready")
    data = json.dumps(told)
    devtools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": phone.house.address, "registrationId": numbers[0], "data": data},
    )
    wait_until(phone, f"({NOTIFICATIONS})().then((shown) => shown.length)")


def test_a_phone_installs_the_site_and_receives_a_push(visit: Visit, house: House, service: PushService) -> None:
    phone = visit(phone=True)
    context = phone.page.context
    context.grant_permissions(["notifications"], origin=house.address)
    context.add_init_script(SUBSCRIBES % json.dumps(service.device("phone").told))

    phone.go("/en")
    wait_until(phone, CONTROLLED)
    devtools = context.new_cdp_session(phone.page)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert json.loads(manifest["data"])["start_url"] == "/en"
    problems = {each["errorId"] for each in devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]}
    assert problems <= {"in-incognito"}

    phone.page.locator(".push-bell").click()
    expect(phone.page.get_by_role("heading", name="Notifications")).to_be_visible()
    phone.page.get_by_role("button", name="Turn notifications on").click()
    expect(phone.page.locator("[data-push-say]")).to_have_text("Choose at least one topic.")
    phone.page.get_by_label("News").check()
    phone.page.get_by_role("button", name="Turn notifications on").click()
    expect(phone.page.locator("[data-push-say]")).to_contain_text("Notifications are on.")
    assert phone.violations() == []
    assert phone.overflow == 0
    phone.go("/en/notifications")
    expect(phone.page.get_by_role("button", name="Turn notifications off")).to_be_visible()
    expect(phone.page.get_by_label("News")).to_be_checked()

    write_and_send(visit("staff"))
    task = house.query("SELECT max(id) FROM tasks_tasks WHERE kind = 'push.send'")
    execute(house.app, task, worker="journey")
    (received,) = service.received
    assert service.problems == []
    assert house.query("SELECT counts ->> 'sent' FROM push_messages ORDER BY id DESC LIMIT 1") == "1"

    deliver(phone, devtools, received.content)
    (shown,) = phone.page.evaluate(NOTIFICATIONS)
    assert (shown["title"], shown["body"], shown["lang"]) == ("New plates", "Come and see them", "en")
    assert shown["icon"].startswith(f"{house.address}/icons/icon-192.png")
    (worker,) = context.service_workers
    worker.evaluate(TAP)
    phone.page.wait_for_url("**/en/offline")
    assert phone.page.evaluate(NOTIFICATIONS) == []

    phone.go("/en/notifications")
    phone.page.get_by_role("button", name="Turn notifications off").click()
    expect(phone.page.locator("[data-push-say]")).to_have_text("Notifications are off on this device.")
    assert house.query("SELECT count(*) FROM push_subscriptions") == 0


def test_what_was_visited_can_be_read_off_line_and_the_office_is_never_kept(visit: Visit, house: House) -> None:
    phone = visit("staff", phone=True)
    stranger = visit(phone=True)
    stranger.go("/en")
    wait_until(stranger, CONTROLLED)
    stranger.go("/en/notifications")
    wait_until(stranger, "caches.open('bottega-pages').then((pages) => pages.match('/en/notifications')).then(Boolean)")
    stranger.page.context.set_offline(offline=True)
    stranger.page.goto(f"{house.address}/en/notifications")
    expect(stranger.page.get_by_role("heading", name="Notifications")).to_be_visible()
    stranger.page.goto(f"{house.address}/en/find-us")
    expect(stranger.page.get_by_role("heading", name="You are off line")).to_be_visible()
    link = stranger.page.locator("[data-app-kept-pages] a", has_text="Notifications")
    expect(link).to_have_attribute("href", f"{house.address}/en/notifications")
    assert stranger.page.evaluate("getComputedStyle(document.querySelector('.app-offline > p')).maxWidth") != "none"
    stranger.page.context.set_offline(offline=False)
    stranger.complaints.clear()  # the browser tells in its console that it is off line

    phone.go("/en")
    wait_until(phone, CONTROLLED)
    phone.go("/en/notifications")
    phone.go("/backoffice/site/push/")
    assert [path for path in kept_pages(phone) if not path.startswith(("/en", "/it"))] == []
    mine = "caches.match('/en').then((page) => page?.text() ?? '')"
    assert "Back office" not in phone.page.evaluate(mine)


def test_a_phone_is_told_of_a_new_version_and_takes_it_with_a_tap(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = visit(phone=True)
    phone.go("/en")
    wait_until(phone, CONTROLLED)
    told = phone.page.locator("[data-app-update-box]")
    expect(told).to_be_hidden()
    shells = "caches.keys().then((names) => names.filter((name) => name.startsWith('bottega-shell-')))"
    (before,) = phone.page.evaluate(shells)
    monkeypatch.setattr(installed, "PARTS", installed.PARTS[1:])  # as after a deployment
    phone.go("/en/notifications")
    expect(told).to_contain_text("There is a new version of this site.")
    assert phone.violations() == []
    with phone.page.expect_navigation(url="**/en/notifications"):
        told.get_by_role("button", name="Reload").click()
    expect(told).to_be_hidden()
    wait_until(phone, f"{shells}.then((names) => names.length === 1 && names[0] !== '{before}')")


def test_a_phone_is_offered_the_site_until_it_says_no(visit: Visit) -> None:
    phone = visit(phone=True)
    phone.go("/en/notifications")
    button = phone.page.get_by_role("button", name="Install this site")
    expect(button).to_be_hidden()
    assert phone.page.evaluate(OFFERS)
    assert phone.violations() == []
    button.click()
    expect(button).to_be_hidden()
    expect(phone.page).to_have_title("asked")
    phone.go("/en/notifications")
    phone.page.evaluate(OFFERS)
    phone.page.get_by_role("button", name="Do not offer to install it again").click()
    expect(button).to_be_hidden()
    phone.go("/en/notifications")
    phone.page.evaluate(OFFERS)
    expect(button).to_be_hidden()


def test_an_iphone_is_told_how_to_keep_the_site(visit: Visit) -> None:
    phone = visit(phone=True)
    phone.page.add_init_script(IPHONE)
    phone.go("/en/notifications")
    hint = phone.page.get_by_text("Keep this site on your home screen")
    expect(hint).to_be_visible()
    assert phone.violations() == []
    assert phone.overflow == 0
    phone.page.get_by_role("button", name="Do not offer to install it again").click()
    phone.go("/en")
    expect(hint).to_be_hidden()


def test_where_the_site_is_not_to_be_installed_any_more_a_browser_forgets_it(visit: Visit, house: House) -> None:
    phone = visit(phone=True)
    phone.go("/en")
    wait_until(phone, CONTROLLED)
    owner = visit("owner")
    owner.go("/backoffice/site/app")
    assert owner.violations() == []
    owner.page.get_by_label("The site can be installed").uncheck()
    owner.page.get_by_role("button", name="Save").click()
    expect(owner.page.get_by_text("The settings were saved.")).to_be_visible()
    try:
        phone.go("/en")
        wait_until(phone, "caches.keys().then((names) => names.length === 0)")
        wait_until(phone, "navigator.serviceWorker.getRegistrations().then((all) => all.length === 0)")
    finally:
        owner.page.get_by_label("The site can be installed").check()
        owner.page.get_by_role("button", name="Save").click()
        expect(owner.page.get_by_text("The settings were saved.")).to_be_visible()
