"""The shopfront room: the products of the catalogue on the public site."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.shopfront.admin import admin_views
from webapp.blueprints.shopfront.demo import load_demo
from webapp.blueprints.shopfront.permissions import TITLES
from webapp.blueprints.shopfront.permissions import ShopfrontPermission as May
from webapp.blueprints.shopfront.queries.site import category_options, opens_path, product_options
from webapp.blueprints.shopfront.views.office import blueprint as office
from webapp.blueprints.shopfront.views.site import blueprint as site
from webapp.blueprints.shopfront.views.site import chosen_products, list_public_pages, price_list, tell_drafts
from webapp.core.room import SITE_SECTION, MenuEntry, Room
from webapp.core.site import BlockField, BlockKind

SOURCES = (("featured", _l("The featured ones")), ("category", _l("A category")), ("chosen", _l("Chosen ones")))
PRODUCTS = BlockKind(
    name="products",
    title=_l("Products"),
    icon="shopping-bag",
    template="shopfront/blocks/_products.html",
    fields=(
        BlockField("title", _l("Title")),
        BlockField(
            "source",
            _l("Which"),
            "choice",
            choices=lambda _session, _language: [(value, str(label)) for value, label in SOURCES],
            default="featured",
        ),
        BlockField("category", _l("Category"), "choice", choices=category_options),
        BlockField(
            "products",
            _l("Chosen products"),
            "rows",
            columns=(BlockField("product", _l("Product"), "choice", choices=product_options),),
        ),
        BlockField("count", _l("How many"), "number", least=1, most=24, default=4),
    ),
    context=chosen_products,
    order=50,
)
PRICE_LIST = BlockKind(
    name="pricelist",
    title=_l("Price list"),
    icon="currency-euro",
    template="shopfront/blocks/_pricelist.html",
    fields=(
        BlockField("title", _l("Title")),
        BlockField("text", _l("Text above the prices"), "markdown", most=4000),
        BlockField(
            "categories",
            _l("Categories"),
            "rows",
            help=_l("None: all of them."),
            columns=(BlockField("category", _l("Category"), "choice", choices=category_options),),
        ),
    ),
    context=price_list,
    order=51,
)

room = Room(
    name="shopfront",
    title=_l("Products on the site"),
    requires=("catalogue", "media"),
    admin_views=admin_views,
    blueprints=(site, office),
    permissions=May,
    titles=TITLES,
    grants={"staff": frozenset(May), "viewer": frozenset({May.GOODS_READ})},
    menu=(
        MenuEntry(
            _l("Products on the site"), "shopfront_office.goods", May.GOODS_READ, "shopping-bag", 32, SITE_SECTION
        ),
    ),
    blocks=(PRODUCTS, PRICE_LIST),
    public_pages=list_public_pages,
    drafts=tell_drafts,
    opens_path=opens_path,
    shows=(
        "shopfront_goods",
        "shopfront_good_words",
        "shopfront_good_pictures",
        "shopfront_shelves",
        "shopfront_shelf_words",
        "catalogue_products",
        "catalogue_categories",
    ),
    demo=load_demo,
)
