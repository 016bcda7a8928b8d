"""The dashboard as its readers get it: page, fragment, data, refusals and what it says when there is nothing."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import json
import re
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.conftest import signed_in_cookie
from tests.rooms.gold.makers import Sale, make_gold, make_run, make_tables
from webapp.blueprints.accounts.services.users import create_user
from webapp.blueprints.dashboard.services.figures import Chart
from webapp.core.db import gold_engine, transaction
from webapp.core.happenings import Happening, offer_happenings
from webapp.core.security import SYSTEM

SALES = [
    Sale(order=1, day=dt.date(2025, 3, 10), hour=10, price=Decimal(100)),
    Sale(order=2, day=dt.date(2025, 3, 12), hour=14, product=4, customer=2, country="EIRE", price=Decimal(60)),
    Sale(order=3, day=dt.date(2025, 3, 12), hour=14, product=2, customer=0, kind="cancellation", price=Decimal(-10)),
    Sale(order=4, day=dt.date(2025, 2, 20), price=Decimal(75)),
    Sale(order=5, day=dt.date(2024, 3, 31), price=Decimal(300)),
    Sale(order=6, day=dt.date(2024, 2, 1), price=Decimal(1)),
]
MARCH = "/backoffice/?from=2025-03-01&to=2025-03-31"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def reader(fresh_app: Flask) -> Callable[..., FlaskClient]:
    """`reader("viewer")`: a signed-in browser; without a role there are no rights."""

    def signed_in(*roles: str, language: str = "en") -> FlaskClient:
        with transaction() as session:
            user = create_user(
                session,
                by=SYSTEM,
                email=f"{'-'.join(roles) or 'nobody'}@people.bottega.it",
                name="Ada",
                password="a-long-enough-password",
                roles=list(roles),
            )
            cookies = signed_in_cookie(session, user)
        client = fresh_app.test_client()
        with client.session_transaction() as cookie:
            cookie.update(cookies)
        client.set_cookie("language", language)
        return client

    return signed_in


@pytest.fixture
def sales(fresh_app: Flask) -> None:
    with gold_engine().begin() as connection:
        make_gold(connection, SALES)


def words(page: str) -> str:
    """The text of a page."""
    return " ".join(html.unescape(re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL)).split())


def specs(page: str) -> list[dict[str, object]]:
    return [json.loads(found) for found in re.findall(r"data-chart-spec>(.*?)</script>", page, flags=re.DOTALL)]


def card(page: str, key: str) -> str:
    found = re.search(rf'aria-labelledby="(?:kpi|chart)-{key}".*?</(?:article|section)>', page, flags=re.DOTALL)
    assert found, key
    return found[0]


@pytest.mark.usefixtures("sales")
@pytest.mark.parametrize("role", ["owner", "staff", "viewer"])
def test_all_cards_stand_on_the_page(reader: Callable[..., FlaskClient], role: str) -> None:
    response = reader(role).get(MARCH)
    assert response.status_code == 200
    page = response.text
    assert [card(page, key) for key in ("net_revenue", "orders", "units", "average_order_value", "active_customers")]
    assert [card(page, chart) for chart in Chart]
    assert len(specs(page)) == len(Chart)
    assert "run 1 of “Sales”, full" in words(page)


@pytest.mark.usefixtures("sales")
def test_figures_are_compared_with_the_month_before_and_a_year_before(reader: Callable[..., FlaskClient]) -> None:
    page = reader("viewer").get(MARCH).text
    revenue = words(card(page, "net_revenue"))
    assert "€150.00" in revenue
    assert "Period before, 1–28 Feb 2025 +100.0% €75.00" in revenue  # noqa: RUF001
    assert "A year before, 1–31 Mar 2024 −50.0% €300.00" in revenue  # noqa: RUF001
    rate = words(card(page, "cancellation_rate"))
    assert "33.3%" in rate
    assert "+33.3 points 0.0%" in rate
    assert "kpi-bad" in card(page, "cancellation_rate")


@pytest.mark.usefixtures("sales")
def test_days_before_the_first_sale_are_not_compared(reader: Callable[..., FlaskClient]) -> None:
    page = reader("viewer").get("/backoffice/?from=2024-02-01&to=2024-02-29").text
    assert "no data The sales begin on 1 Feb 2024." in words(card(page, "net_revenue"))


@pytest.mark.usefixtures("sales")
def test_numbers_dates_and_names_follow_the_language(reader: Callable[..., FlaskClient]) -> None:
    page = reader("viewer", language="it").get(MARCH).text
    assert "150,00 €" in html.unescape(page).replace("\xa0", " ")
    assert "Irlanda" in card(page, Chart.COUNTRIES)
    assert "mercoledì 14:00" in card(page, Chart.HOURS)


@pytest.mark.usefixtures("sales")
def test_each_chart_says_what_it_shows(reader: Callable[..., FlaskClient]) -> None:
    page = reader("viewer").get(MARCH).text
    assert "Apron leads with €100.00. The 3 products shown make up 100.0%" in words(card(page, Chart.PRODUCTS))
    assert "Ada leads with €100.00." in words(card(page, Chart.CUSTOMERS))
    assert "Sales without a customer, -€10.00, are not ranked." in words(card(page, Chart.CUSTOMERS))
    assert "Italy brings in the most: €90.00, 60.0% of net revenue. 2 countries" in words(card(page, Chart.COUNTRIES))
    assert "The strongest hour is 10:00–10:59 on Monday" in words(card(page, Chart.HOURS))  # noqa: RUF001


@pytest.mark.usefixtures("sales")
def test_what_happened_is_listed_below_the_table_of_the_chart_that_draws_it(
    reader: Callable[..., FlaskClient], fresh_app: Flask
) -> None:
    fair = Happening(dt.datetime(2025, 3, 12, 9, tzinfo=dt.UTC), "note", "note", "Fair of <Faenza>", "/marks/7/")
    offer_happenings(fresh_app, lambda begin, end: [fair] if begin <= fair.at < end else [])
    client = reader("viewer")
    page = client.get(MARCH).text
    below = card(page, Chart.TIME).split("</table>")[1]
    assert '<a href="/marks/7/">' in below
    assert "note : Fair of <Faenza>" in words(below)
    assert "/marks/7/" not in card(page, Chart.HOURS)
    assert "Marks on the charts" not in client.get("/backoffice/?from=2025-02-01&to=2025-02-28").text


@pytest.mark.usefixtures("sales")
def test_every_figure_drills_to_its_orders_in_drawing_and_table(reader: Callable[..., FlaskClient]) -> None:
    page = reader("viewer").get(f"{MARCH}&country=EIRE&category=Toys&grain=week").text
    shared = {"country": ["EIRE"], "category": ["Toys"]}
    month = {"from": ["2025-03-01"], "to": ["2025-03-31"], **shared}
    week = {"from": ["2025-03-10"], "to": ["2025-03-16"], **shared}
    expected = {
        Chart.TIME: week,
        Chart.PRODUCTS: {**month, "product": ["D4"]},
        Chart.CUSTOMERS: {**month, "customer": ["C-2"]},
        Chart.COUNTRIES: month,
        Chart.HOURS: {**month, "weekday": ["3"], "hour": ["14"]},
    }
    for spec, (chart, query) in zip(specs(page), expected.items(), strict=True):
        links = [html.unescape(link) for link in re.findall(r'<a href="([^"]+)"', card(page, chart))]
        drawn = [point["url"] for point in spec["data"]["values"]]
        assert links == drawn, chart
        assert query in [parse_qs(urlsplit(link).query) for link in links], chart
        assert all(urlsplit(link).path == "/backoffice/orders/" for link in links)


@pytest.mark.usefixtures("sales")
def test_htmx_gets_the_cards_alone_and_the_shortest_address(reader: Callable[..., FlaskClient]) -> None:
    client = reader("viewer")
    form = "shown=free&range=free&from=2025-03-01&to=2025-03-31&grain=&country=&category=Toys"
    response = client.get(f"/backoffice/?{form}", headers=HTMX)
    assert "<html" not in response.text
    assert 'id="dashboard"' in response.text
    assert response.headers["HX-Push-Url"] == f"{MARCH}&category=Toys"
    assert "HX-Request" in response.headers["Vary"]
    whole = client.get(response.headers["HX-Push-Url"]).text
    inner = response.text[response.text.index('<div id="dashboard"') :].strip()
    assert inner in whole


@pytest.mark.usefixtures("sales")
def test_a_step_back_in_the_history_gets_a_whole_page(reader: Callable[..., FlaskClient]) -> None:
    headers = {**HTMX, "HX-History-Restore-Request": "true"}
    assert "<html" in reader("viewer").get(MARCH, headers=headers).text


@pytest.mark.usefixtures("sales")
def test_old_data_open_on_their_last_twelve_months_and_say_so(reader: Callable[..., FlaskClient]) -> None:
    page = words(reader("viewer").get("/backoffice/").text)
    assert "The newest sales are of 12 Mar 2025: these are the last twelve months of data there are." in page
    assert "1 Apr 2024 – 12 Mar 2025" in page  # noqa: RUF001


@pytest.mark.usefixtures("sales")
def test_a_wrong_date_is_told_beside_its_field(reader: Callable[..., FlaskClient]) -> None:
    response = reader("viewer").get("/backoffice/?from=soon")
    assert response.status_code == 422
    assert 'aria-describedby="dashboard-from-problem"' in response.text
    assert 'value="soon"' in response.text


@pytest.mark.usefixtures("sales")
def test_a_country_is_chosen_by_its_name_and_asked_for_by_what_the_sales_call_it(
    reader: Callable[..., FlaskClient],
) -> None:
    page = reader("viewer", language="it").get(MARCH).text
    options = dict(re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)</option>', page))
    assert options["EIRE"] == "Irlanda"


@pytest.mark.usefixtures("sales")
@pytest.mark.parametrize("query", ["from=2023-01-01&to=2023-02-01", "country=Utopia", "category=%27%3B--"])
def test_nothing_sold_is_said_without_charts(reader: Callable[..., FlaskClient], query: str) -> None:
    response = reader("viewer").get(f"/backoffice/?{query}")
    assert "Nothing was sold" in response.text
    assert not specs(response.text)


@pytest.mark.usefixtures("sales")
def test_a_sign_that_no_database_takes_does_no_harm(reader: Callable[..., FlaskClient]) -> None:
    assert reader("viewer").get("/backoffice/?country=%00&from=%00").status_code == 422


@pytest.mark.usefixtures("sales")
def test_the_data_of_a_chart_come_as_csv_without_formulas(reader: Callable[..., FlaskClient]) -> None:
    client = reader("viewer")
    response = client.get("/backoffice/charts/top-products.csv?from=2025-03-01&to=2025-03-31")
    assert response.mimetype == "text/csv"
    assert "top-products_2025-03-01_2025-03-31.csv" in response.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(response.text.removeprefix("\ufeff"))))
    assert rows == [
        ["product", "product_name", "net_revenue", "units"],
        ["A1", "Apron", "100.0000", "1.000"],
        ["D4", "'=Duck", "60.0000", "1.000"],
        ["B2", "Bowl", "-10.0000", "1.000"],
    ]
    for chart in Chart:
        assert client.get(f"/backoffice/charts/{chart}.csv").status_code == 200
    assert client.get("/backoffice/charts/profit.csv").status_code == 404


@pytest.mark.usefixtures("sales")
def test_a_refresh_that_failed_is_told(reader: Callable[..., FlaskClient]) -> None:
    with gold_engine().begin() as connection:
        make_run(connection, outcome="failed", mode="incremental")
    page = words(reader("viewer").get(MARCH).text)
    assert "The latest refresh (run 2) failed" in page
    assert "run 1 of “Sales”, full" in page


@pytest.mark.usefixtures("sales")
def test_names_cannot_break_out_of_the_page(reader: Callable[..., FlaskClient]) -> None:
    with gold_engine().begin() as connection:
        connection.execute(text("UPDATE dim_product SET name = '</script><b>\"&' WHERE product_key = 1"))
    page = reader("viewer").get(MARCH).text
    assert "<b>" not in page
    assert '</script><b>"&' in [point["label"] for point in specs(page)[1]["data"]["values"]]


def test_before_the_first_run_the_page_says_what_to_do(reader: Callable[..., FlaskClient]) -> None:
    client = reader("owner")
    response = client.get("/backoffice/")
    assert response.status_code == 200
    assert "bottega etl run" in response.text
    assert client.get("/backoffice/charts/top-products.csv").status_code == 503


def test_a_run_without_sales_says_so(reader: Callable[..., FlaskClient]) -> None:
    with gold_engine().begin() as connection:
        make_tables(connection)
        make_run(connection)
    assert "No sales yet" in reader("owner").get("/backoffice/").text


@pytest.mark.usefixtures("sales")
def test_nobody_signed_in_is_sent_away(fresh_app: Flask) -> None:
    client = fresh_app.test_client()
    for path in ("/backoffice/", "/backoffice/charts/top-products.csv"):
        response = client.get(path)
        assert response.status_code in (302, 303, 401)
        assert "€" not in response.text


@pytest.mark.usefixtures("sales")
def test_who_may_enter_but_not_see_figures_is_welcomed(
    fresh_app: Flask, reader: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = reader("viewer")
    actor = fresh_app.extensions["bottega_actor"]

    def without_figures() -> object:
        whole = actor()
        return type(whole)(whole.name, whole.user_id, frozenset({"core:backoffice:enter"}))

    monkeypatch.setitem(fresh_app.extensions, "bottega_actor", without_figures)
    page = client.get("/backoffice/").text
    assert "Welcome, Ada" in page
    assert "€" not in page
    assert client.get("/backoffice/charts/top-products.csv").status_code == 403
