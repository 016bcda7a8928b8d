"""The contracts of GOLD: every table with its grain, columns, units, descriptions and owner."""

from __future__ import annotations

from etl.contracts import BIGINT, DATE, FLAG, MOMENT, SMALLINT, TEXT, Column, Kind, Table, Type, decimal
from etl.gold.access import everything_of, rows_of, something_of

FIRST_DAY = "1900-01-01"
LAST_DAY = "2199-12-31"
ANONYMOUS = 0
CURRENCY = "company currency"
WHOSE = (
    Column("owner_key", BIGINT, "The person who looks after the record; 0 for nobody in particular", default="0"),
    Column("group_key", BIGINT, "The group that the record lies in; 0 for none", default="0"),
)

DAY = Column("date_key", DATE, "The day", "company's local day", between=(FIRST_DAY, LAST_DAY))

DIM_DATE = Table(
    name="dim_date",
    grain="One row a calendar day, whole years from the first to the last order or request and this year.",
    owner="calendar",
    key=("date_key",),
    columns=(
        DAY,
        Column("year", SMALLINT, "Calendar year"),
        Column("quarter", SMALLINT, "Quarter of the year", "1..4"),
        Column("month", SMALLINT, "Month of the year", "1..12"),
        Column("day", SMALLINT, "Day of the month", "1..31"),
        Column("iso_year", SMALLINT, "Year that the ISO week belongs to (ISO 8601)"),
        Column("iso_week", SMALLINT, "ISO week (ISO 8601); week 1 holds the year's first Thursday", "1..53"),
        Column("weekday", SMALLINT, "Day of the week, Monday is 1", "1..7"),
        Column("weekday_name_en", TEXT, "Name of the weekday in English"),
        Column("weekday_name_it", TEXT, "Name of the weekday in Italian"),
        Column("month_name_en", TEXT, "Name of the month in English"),
        Column("month_name_it", TEXT, "Name of the month in Italian"),
        Column("is_weekend", FLAG, "Saturday or Sunday"),
        Column("week_start", DATE, "Monday of the ISO week"),
        Column("month_start", DATE, "First day of the month"),
        Column("quarter_start", DATE, "First day of the quarter"),
        Column("year_start", DATE, "First day of the year"),
    ),
)

DIM_CUSTOMER = Table(
    name="dim_customer",
    grain="One row a customer, and row 0 for anonymous sales.",
    owner="customers",
    key=("customer_key",),
    columns=(
        Column("customer_key", BIGINT, "The customer's id in crm_customers; 0 is the anonymous customer"),
        Column("number", TEXT, "Customer number"),
        Column("name", TEXT, "Name of the person or organisation"),
        Column("kind", TEXT, "What it is", one_of=("person", "organisation", "anonymous")),
        Column("country", TEXT, "Country as written in the customer's record"),
        *WHOSE,
    ),
    guard=rows_of("customers", or_also=f"customer_key = {ANONYMOUS}"),
)

DIM_PRODUCT = Table(
    name="dim_product",
    grain="One row a product.",
    owner="products",
    key=("product_key",),
    columns=(
        Column("product_key", BIGINT, "The product's id in catalogue_products"),
        Column("sku", TEXT, "Stock code"),
        Column("name", TEXT, "Name"),
        Column("category", TEXT, "Name of its category; empty when it has none"),
        Column("price", decimal(14, 4), "List price today, without VAT", CURRENCY),
        Column("vat_rate", decimal(5, 2), "VAT rate today", "percent"),
    ),
    guard=everything_of("products"),
)

DIM_COUNTRY = Table(
    name="dim_country",
    grain="One row a country text that occurs in the facts.",
    owner="sales",
    key=("country_key",),
    columns=(
        Column("country_key", TEXT, "The text as in the order"),
        Column(
            "iso_code",
            Type("char(2)", Kind.TEXT),
            "Two letters of ISO 3166-1; empty when the text names no country",
            nullable=True,
        ),
        Column("name_en", TEXT, "Name in English; the text itself when it names no country"),
        Column("name_it", TEXT, "Name in Italian; the text itself when it names no country"),
    ),
    guard=something_of("orders"),
)

FACT_SALE_LINE = Table(
    name="fact_sale_line",
    grain="One row an order line.",
    owner="sales",
    key=("line_key",),
    columns=(
        Column("line_key", BIGINT, "The line's id in sales_order_lines"),
        Column("order_key", BIGINT, "The order's id in sales_orders"),
        Column("order_number", TEXT, "Order number"),
        Column("order_kind", TEXT, "What the document does", one_of=("sale", "cancellation", "return")),
        Column("date_key", DATE, "Day of the order", "company's local day", between=(FIRST_DAY, LAST_DAY)),
        Column("hour", SMALLINT, "Hour of the order", "company's local time, 0..23"),
        Column("ordered_at", MOMENT, "Moment of the order", "UTC"),
        Column("customer_key", BIGINT, "The customer; 0 when anonymous"),
        Column("product_key", BIGINT, "The product"),
        Column("country_key", TEXT, "Country as in the order"),
        Column("quantity", decimal(14, 3), "Quantity; negative when taken back", "units"),
        Column("unit_price", decimal(14, 4), "Price of one unit before discount, without VAT", CURRENCY),
        Column("discount", decimal(5, 2), "Discount", "percent"),
        Column("net", decimal(18, 4), "quantity x unit_price x (1 - discount/100), four places, half up", CURRENCY),
        *WHOSE,
    ),
    indexes=(("date_key",), ("order_key",), ("product_key",)),
    guard=rows_of("orders"),
)

GRAINS = ("day", "week", "month", "quarter", "year")


def _aggregate(grain: str) -> Table:
    start = {"day": "The day", "week": "Monday of the ISO week"}.get(grain, f"First day of the {grain}")
    return Table(
        name=f"agg_sales_{grain}",
        grain=f"One row a {grain} and country with sales.",
        owner="sales",
        key=("period_start", "country_key"),
        columns=(
            Column("period_start", DATE, start, "company's local day"),
            Column("country_key", TEXT, "Country as in the order"),
            Column("orders", BIGINT, "Distinct orders of every kind", "orders"),
            Column("cancellations", BIGINT, "Distinct orders of kind cancellation", "orders"),
            Column("lines", BIGINT, "Order lines", "lines"),
            Column("units", decimal(18, 3), "Sum of quantity", "units"),
            Column("net", decimal(18, 4), "Sum of net", CURRENCY),
        ),
        guard=everything_of("orders"),
    )


AGGREGATES = tuple(_aggregate(grain) for grain in GRAINS)

TRAFFIC_CLASSES = ("person", "search", "ai", "bot", "monitor", "attack", "staff", "waiting")
CLASS = Column("class", TEXT, "Class of the visitors; waiting until they are told apart", one_of=TRAFFIC_CLASSES)
HITS = Column("hits", BIGINT, "Requests", "requests")
VISITS = Column(
    "visits", BIGINT, "Visits: requests of a visitor without half an hour of silence between them", "visits"
)
BYTES = Column("bytes", BIGINT, "Bytes of the answers' bodies", "bytes")

FACT_TRAFFIC_HOUR = Table(
    name="fact_traffic_hour",
    grain="One row an hour, host, status and class of visitors with requests.",
    owner="traffic",
    key=("hour_key", "host", "status", "class"),
    columns=(
        Column("hour_key", BIGINT, "Hours since the beginning of 1970, UTC"),
        Column("host", TEXT, "Host that was asked; empty where the log does not tell it"),
        Column("status", SMALLINT, "Status of the answer (HTTP)"),
        CLASS,
        Column("date_key", DATE, "Day of the requests", "company's local day", between=(FIRST_DAY, LAST_DAY)),
        Column("hour", SMALLINT, "Hour of the requests", "company's local time, 0..23"),
        HITS,
        BYTES,
    ),
    indexes=(("date_key",),),
)

AGG_TRAFFIC_CLASS_DAY = Table(
    name="agg_traffic_class_day",
    grain="One row a day and class of visitors with requests.",
    owner="traffic",
    key=("date_key", "class"),
    columns=(
        DAY,
        CLASS,
        HITS,
        Column("visitors", BIGINT, "Different visitors of the day", "visitors"),
        VISITS,
        BYTES,
    ),
)

AGG_TRAFFIC_DAY = Table(
    name="agg_traffic_day",
    grain="One row a day with requests.",
    owner="traffic",
    key=("date_key",),
    columns=(
        DAY,
        HITS,
        Column("visitors", BIGINT, "Different visitors of the day; nobody is known again on another day", "visitors"),
        VISITS,
        BYTES,
    ),
)

TABLES = (
    DIM_DATE, DIM_CUSTOMER, DIM_PRODUCT, DIM_COUNTRY, FACT_SALE_LINE, *AGGREGATES, FACT_TRAFFIC_HOUR, AGG_TRAFFIC_CLASS_DAY,
    AGG_TRAFFIC_DAY,
)  # fmt: skip
