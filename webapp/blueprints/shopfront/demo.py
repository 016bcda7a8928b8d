"""The demo company's shopfront: all of its goods, with words in Italian and English and drawn pictures."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.catalogue.public import Category, Product
from webapp.blueprints.media.public import demo_goods, demo_picture
from webapp.blueprints.shopfront.models import (
    Availability,
    GoodPicture,
    GoodWords,
    Pricing,
    Shelf,
    ShelfWords,
    ShopGood,
)
from webapp.core.slugs import free_slug

# letters of the SKUs | name in English | about the category | what is said of its goods, in turn;
# then the English names of its goods, in the order of the catalogue
SHELVES = """
PIA | Plates and bowls | Maiolica di Faenza formata al tornio e dipinta a mano, un pezzo alla volta. = Faenza maiolica, thrown on the wheel and painted by hand, one piece at a time. | Dipinto a mano su smalto bianco, cotto due volte. Va in lavastoviglie a basse temperature. = Painted by hand on white glaze and fired twice. It may go into the dishwasher at low temperatures. | Ogni pezzo è diverso dall'altro: il pennello non si ripete. Sul retro c'è la firma di chi lo ha dipinto. = No piece is like another: the brush does not repeat itself. On the back is the signature of its painter. | Terra rossa di Faenza, decoro tradizionale, piombo e cadmio assenti. Adatto al forno fino a 120 gradi. = Red clay of Faenza, a traditional pattern, no lead or cadmium. Safe in the oven up to 120 degrees.
Carnation dinner plate 27 cm; Carnation soup plate 24 cm; Carnation dessert plate 20 cm; Cockerel serving plate 35 cm; Pomegranate bowl 14 cm; Pomegranate salad bowl 28 cm; Raffaellesque cake stand; Peacock feather oval tray 40 cm; Small blue sauce bowl; Wall plate with dedication 30 cm
VAS | Vases and ornaments | Vasi, mattonelle e presepi: i decori storici della maiolica, da guardare ogni giorno. = Vases, tiles and cribs: the historic patterns of maiolica, to look at every day. | Tornito e dipinto nella bottega di via Tonducci, con i cinque colori della maiolica rinascimentale. = Thrown and painted in the workshop of Via Tonducci, in the five colours of Renaissance maiolica. | Un decoro che a Faenza si dipinge dal Cinquecento. Smaltato anche all'interno: tiene l'acqua. = A pattern painted in Faenza since the sixteenth century. Glazed inside too: it holds water. | Fatto a mano, firmato e numerato. Su richiesta lo personalizziamo con un nome o una data. = Made by hand, signed and numbered. On request we add a name or a date.
Raffaellesque round vase 20 cm; Carnation cylinder vase 25 cm; Amphora with handles 40 cm; Apothecary jar 18 cm; Pomegranate flower pot holder 16 cm; Painted holy water font; House number tile; Berettino pattern tile 15 cm; Peacock feather candlestick; Maiolica crib, six figures
TAZ | Cups and teapots | Per il caffè della mattina e il tè delle cinque: forme sottili, manici comodi. = For coffee in the morning and tea at five: thin walls, comfortable handles. | Bordo sottile, manico che si tiene con due dita, decoro dipinto a mano anche sul piattino. = A thin rim, a handle held by two fingers, and a pattern painted by hand on the saucer too. | Tiene il calore a lungo e non prende gli odori. Ogni pezzo si può ricomprare da solo. = It keeps warm for long and takes no smells. Each piece can be bought again by itself.
Carnation coffee cup with saucer; Pomegranate breakfast cup; Tea cup with saucer; Raffaellesque teapot; Carnation sugar bowl; Carnation milk jug; Half-litre wine jug; One-litre cockerel jug; Coffee service for six; Salt and pepper set
TEL | Printed linen | Tele di lino e canapa stampate a ruggine con stampi di pero, come si fa in Romagna dal Seicento. = Linen and hemp printed with rust from blocks of pear wood, as in Romagna since the seventeenth century. | Stampata a mano con stampi di pero. Il colore è ruggine e aceto: non si stinge mai. = Printed by hand from blocks of pear wood. The colour is rust and vinegar: it never fades. | Misto lino e cotone, lavabile in lavatrice a 60 gradi. Ogni colpo di mazzuolo lascia un segno diverso. = Linen and cotton, washable at 60 degrees. Every blow of the mallet leaves another mark.
Rust-printed tablecloth 140x180; Rust-printed tablecloth 160x240; Caveja runner 50x150; Cockerel tea towel; Grape apron; Set of six wheat napkins; Pomegranate oven cloth; Pine cone cloth bag; Caveja cushion 40x40; Grape window curtain 60x120
PAS | Pasta and flour | Pasta secca e farine macinate a pietra, da grani romagnoli. = Dried pasta and stone-ground flour, from Romagna's wheat. | Trafilata al bronzo ed essiccata piano, a bassa temperatura. Ingredienti: semola, uova dove serve, nient'altro. = Drawn through bronze and dried slowly at a low temperature. Semolina, eggs where needed, nothing else. | Da un mulino a pietra di Brisighella, in sacchetti di carta. Conservare in luogo fresco e asciutto. = From a stone mill in Brisighella, in paper bags. Keep in a cool, dry place.
Strozzapreti 500 g; Dried cappelletti 250 g; Passatelli 250 g; Combed garganelli 500 g; Egg tagliatelle 500 g; Soft wheat flour type 1, 1 kg; Flour for piadina 1 kg; Carnaroli rice of the Delta 1 kg; Quadrettini for broth 250 g; Bramata polenta 1 kg
OLI | Olive oil | Extravergini delle colline di Brisighella, spremuti entro poche ore dalla raccolta. = Extra virgin oils of the hills of Brisighella, pressed within hours of the harvest. | Raccolto a mano, spremuto a freddo entro dodici ore. Sa di carciofo, erba e mandorla verde. = Picked by hand, pressed cold within twelve hours. It tastes of artichoke, grass and green almond. | Da olive della valle del Lamone, filtrato per decantazione. Va consumato entro diciotto mesi. = From olives of the Lamone valley, clarified by rest. To be used within eighteen months.
Brisighella oil PDO 250 ml; Brisighella oil PDO 500 ml; Nobil Drupa oil 500 ml; New oil from the mill 500 ml; Cooking oil, 3 l tin; Oil of the hills 750 ml; Lemon oil 250 ml; Rosemary oil 250 ml; Ghiacciola single-variety oil 500 ml; Tasting box of three oils
FOR | Cheese | Formaggi di malga e di pianura, scelti forma per forma. = Cheeses of mountain and plain, chosen wheel by wheel. | Fatto con latte crudo di un solo caseificio. Tagliato e messo sottovuoto il giorno della spedizione. = Made of raw milk from a single dairy. Cut and vacuum packed on the day it is sent. | Si spedisce in borsa termica, dal lunedì al mercoledì. Tenere a tavola mezz'ora prima di servirlo. = Sent in a cool bag, Monday to Wednesday. Leave it on the table half an hour before serving.
Squacquerone of Romagna PDO 300 g; Pit-aged pecorino of Sogliano 400 g; Parmigiano Reggiano 24 months 1 kg; Parmigiano Reggiano 36 months 1 kg; Raviggiolo of the Apennines 250 g; Caciotta with herbs 500 g; Salted ricotta 300 g; Red wine cheese 400 g; Pecorino with walnuts 400 g; Stracchino 250 g
SAL | Cured meats | Salumi di mora romagnola e dei grandi consorzi emiliani. = Cured meats of Mora Romagnola pigs and of Emilia's great consortia. | Carne di mora romagnola allevata all'aperto, sale di Cervia, pepe e tempo. Senza glutine né lattosio. = Pork of Mora Romagnola pigs kept outdoors, salt of Cervia, pepper and time. No gluten, no lactose. | Stagionato in cantina, legato a mano. Una volta aperto si conserva in un canovaccio. = Aged in the cellar and tied by hand. Once opened it keeps in a cloth.
Salame gentile of Mora Romagnola 500 g; Aged coppa 400 g; Culatello di Zibello PDO 300 g; Mortadella Bologna PGI 500 g; Parma ham 24 months 300 g; Guanciale 400 g; Flat pancetta 400 g; Crisp ciccioli 250 g; Dried sausage 300 g; Mora cotechino 600 g
MIE | Honey and preserves | Mieli, confetture e saba: la dispensa della nonna, in vasetto. = Honeys, jams and saba: grandmother's larder, in a jar. | Invasettato dal produttore, senza conservanti. Con il pecorino di fossa è un matrimonio antico. = Put into jars by its maker, without preservatives. With pit-aged pecorino it is an old marriage. | Frutta di Romagna, poco zucchero, cottura breve. Dopo l'apertura tenere in frigorifero. = Fruit of Romagna, little sugar, cooked shortly. Keep in the fridge after opening.
Acacia honey 500 g; Chestnut honey 500 g; Lime blossom honey 250 g; Savor of old fruits 250 g; Saba of grape must 250 ml; Apricot jam 300 g; Romagna peach jam 300 g; Caramelised figs 250 g; Pear mostarda 250 g; Balsamic vinegar of Modena PGI 250 ml
DOL | Sweets | Dolci da forno e delle feste, fatti da chi li fa da sempre. = Cakes for every day and for feasts, by those who have always made them. | Impasto lavorato a mano, burro e uova di cascina. Si conserva tre settimane nella sua carta. = Dough worked by hand, butter and farm eggs. It keeps for three weeks in its paper. | La ricetta è quella di casa: si mangia inzuppata nell'Albana passita. = The recipe is the family's own: it is eaten dipped into sweet Albana.
Romagna ring cake 400 g; Bustrengo 350 g; Sunday biscuits 300 g; Almond cantucci 300 g; Christmas panone 700 g; Panspeziale 500 g; Sweet piadina 200 g; Soft nougat 200 g; Chocolate with salt of Cervia 100 g; Artisan colomba 750 g
VIN | Wines and liqueurs | Sangiovese, Albana e qualche rarità: le cantine che conosciamo per nome. = Sangiovese, Albana and some rarities: cellars that we know by name. | Vendemmia a mano, fermentazione spontanea. Servire fresco di cantina. = Harvested by hand, fermented by itself. Serve at cellar temperature. | Poche migliaia di bottiglie l'anno, da vigne che vedono il mare. Contiene solfiti. = A few thousand bottles a year, from vines that see the sea. Contains sulphites.
Sangiovese di Romagna DOC 75 cl; Sangiovese Riserva Modigliana 75 cl; Dry Albana DOCG 75 cl; Sweet Albana DOCG 50 cl; Trebbiano di Romagna 75 cl; Pagadebit 75 cl; Black label Burson 75 cl; Centesimino of Oriolo 75 cl; House walnut liqueur 50 cl; Sour cherry liqueur 50 cl
LIB | Books and recipes | Libri di cucina, di ceramica e di passeggiate, editi da queste parti. = Books on cooking, ceramics and walks, published around here. | Edizione di un piccolo editore romagnolo, rilegata a filo. In italiano. = An edition of a small publisher of Romagna, sewn. In Italian. | Con fotografie e disegni, su carta riciclata. Un regalo che si legge. = With photographs and drawings, on recycled paper. A gift that is read.
The cooking of Romagna; Maiolica of Faenza: a guide to its patterns; The book of piadina; Recipes for feasts; Linen and blocks of Romagna; Walks along the oil roads; Sfogline: pasta by hand; Artusi, annotated; New wine: stories; Painted kitchen notebook
"""
SCENES = {  # what is seen behind the goods of a category
    "PIA": ("plates", "workshop", "kiln"),
    "VAS": ("vases", "workshop"),
    "TAZ": ("coffee", "workshop"),
    "TEL": ("linen",),
    "PAS": ("pasta",),
    "OLI": ("oil", "hills"),
    "FOR": ("cheese",),
    "VIN": ("wine", "hills"),
}
FEATURED = ("PIA-001", "VAS-001", "TAZ-004", "TEL-001", "OLI-002", "FOR-002", "VIN-004", "MIE-002")
ASKED = ("PIA-010", "VAS-010", "TAZ-009")
STANDING = {
    "PIA-010": Availability.TO_ORDER,
    "VAS-007": Availability.TO_ORDER,
    "VAS-010": Availability.TO_ORDER,
    "FOR-005": Availability.IN_STORE,
    "DOL-010": Availability.SOLD_OUT,
    "DOL-005": Availability.SOLD_OUT,
    "LIB-010": Availability.IN_STORE,
}


def load_demo(session: Session) -> None:
    """Show all goods of the catalogue."""
    products: dict[str, list[Product]] = {}
    for product in session.scalars(select(Product).order_by(Product.sku)):
        products.setdefault(product.sku.partition("-")[0], []).append(product)
    taken: dict[str, set[str]] = {"it": set(), "en": set()}
    lines = SHELVES.strip().splitlines()
    for place, (head, names) in enumerate(zip(lines[::2], lines[1::2], strict=True), start=1):
        letters, english, about, *said = (part.strip() for part in head.split(" | "))
        goods = products.get(letters, [])
        if not goods or goods[0].category is None:
            continue
        scenes = [demo_picture(session, scene) for scene in SCENES.get(letters, ())]
        pictures = [demo_goods(session, product.name) for product in goods]
        _add_shelf(session, goods[0].category, english, about, position=place, picture_id=pictures[0])
        for number, (product, name) in enumerate(zip(goods, names.split("; "), strict=True)):
            good = ShopGood(
                product=product,
                shown=True,
                featured=product.sku in FEATURED,
                pricing=Pricing.ASK if product.sku in ASKED else Pricing.SHOWN,
                availability=STANDING.get(product.sku, Availability.IN_STOCK),
                position=number + 1,
            )
            for language, own, words in zip(
                ("it", "en"), ("", name), said[number % len(said)].split(" = "), strict=True
            ):
                slug = free_slug(own or product.name, taken[language], otherwise=product.sku.lower())
                taken[language].add(slug)
                good.words[language] = GoodWords(language=language, name=own, slug=slug, description=words)
            good.pictures = [
                GoodPicture(picture_id=picture, position=turn)
                for turn, picture in enumerate(dict.fromkeys((pictures[number], *scenes)), start=1)
            ]
            session.add(good)


def _add_shelf(
    session: Session, category: Category, english: str, about: str, *, position: int, picture_id: int
) -> None:
    shelf = Shelf(category=category, position=position, picture_id=picture_id)
    for language, name, words in zip(("it", "en"), ("", english), about.split(" = "), strict=True):
        slug = free_slug(name or category.name, set(), otherwise="category")
        shelf.words[language] = ShelfWords(language=language, name=name, slug=slug, description=words)
    session.add(shelf)
