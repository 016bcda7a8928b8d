"""What is said of the demo company's pictures, in Italian and English: alternative text, and the scenes' captions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Said(NamedTuple):
    """The texts of a picture."""

    alt_it: str
    alt_en: str
    caption_it: str = ""
    caption_en: str = ""


SCENE_TEXTS: Mapping[str, Said] = {
    "shop": Said(
        "La vetrina blu della Bottega Manfredi, con la tenda a righe bianche e ambra e i piatti dipinti esposti",
        "The blue shop front of Bottega Manfredi, with a white and amber awning and painted plates on show",
        "Corso Mazzini 61: la vetrina di famiglia dal 1974.",
        "Corso Mazzini 61: the family's window since 1974.",
    ),
    "arcades": Said(
        "I portici color mattone della piazza di Faenza, con la torre dell'orologio sullo sfondo",
        "The brick-red arcades of the square in Faenza, with the clock tower behind",
        "Piazza del Popolo, a due passi dal negozio.",
        "Piazza del Popolo, round the corner from the shop.",
    ),
    "workshop": Said(
        "Un vaso d'argilla sul tornio del laboratorio, con le scaffalature di pezzi ad asciugare",
        "A clay vase on the wheel of the workshop, with shelves of ware left to dry",
        "Al tornio: ogni vaso nasce da una palla d'argilla.",
        "At the wheel: each vase begins as a ball of clay.",
    ),
    "plates": Said(
        "Cinque piatti di maiolica dipinti con i decori di Faenza su una tovaglia blu",
        "Five maiolica plates with the ornaments of Faenza upon a blue cloth",
        "Garofano, penna di pavone, melograno, berettino: i decori di Faenza.",
        "Carnation, peacock's feather, pomegranate, berettino: the ornaments of Faenza.",
    ),
    "tiles": Said(
        "Una parete di mattonelle dipinte a mano, blu, bianche e ambra",
        "A wall of hand-painted tiles in blue, white and amber",
        "Mattonelle dipinte a mano, anche su misura.",
        "Hand-painted tiles, made to measure too.",
    ),
    "oil": Said(
        "Due bottiglie d'olio, un piatto d'olio nuovo e pane, con le colline sullo sfondo",
        "Two bottles of oil, a dish of new oil and bread, with the hills behind",
        "L'olio di Brisighella, spremuto a venti minuti da qui.",
        "Oil from Brisighella, pressed twenty minutes away.",
    ),
    "hills": Said(
        "Filari di viti e cipressi sulle colline di Brisighella, con una casa colonica",
        "Rows of vines and cypresses on the hills of Brisighella, with a farmhouse",
        "Le colline da cui vengono il vino e l'olio.",
        "The hills that wine and oil come from.",
    ),
    "table": Said(
        "Una tavola apparecchiata vista dall'alto, con piatti dipinti, posate e una tovaglia stampata a ruggine",
        "A laid table from above, with painted plates, cutlery and a cloth printed in rust",
        "La tavola della domenica, tutta romagnola.",
        "The Sunday table, all of it from Romagna.",
    ),
    "cheese": Said(
        "Una forma di formaggio tagliata, una caciotta, miele e noci su un tagliere",
        "A cut wheel of cheese, a caciotta, honey and walnuts on a board",
        "Formaggi di casari che conosciamo per nome.",
        "Cheese from makers whom we know by name.",
    ),
    "wine": Said(
        "Due bottiglie di vino romagnolo, due calici e un grappolo d'uva al tramonto",
        "Two bottles of wine from Romagna, two glasses and a bunch of grapes at sunset",
        "Sangiovese e Albana, per la sera.",
        "Sangiovese and Albana, for the evening.",
    ),
    "linen": Said(
        "Una tovaglia stampata a ruggine con grappoli e garofani, accanto allo stampo di legno",
        "A cloth printed in rust with grapes and carnations, beside its wooden stamp",
        "La stampa a ruggine: uno stampo di pero, un colpo di mazzuolo.",
        "Printing in rust: a stamp of pear wood, a blow of the mallet.",
    ),
    "kiln": Said(
        "Il forno di mattoni aperto e incandescente, con un vaso dipinto al centro",
        "The brick kiln, open and glowing, with a painted vase in the middle",
        "Novecentoventi gradi: il fuoco decide i colori.",
        "Nine hundred and twenty degrees: fire decides the colours.",
    ),
    "coffee": Said(
        "Due tazze dipinte, una moka e un cornetto davanti a una parete di mattonelle",
        "Two painted cups, a moka pot and a croissant before a tiled wall",
        "Un caffè in bottega, quando passate.",
        "A coffee in the shop, when you come by.",
    ),
    "vases": Said(
        "Un'anfora, due vasi, un albarello e un candeliere dipinti su una mensola",
        "An amphora, two vases, an apothecary's jar and a candlestick, painted, on a shelf",
        "Forme antiche, dipinte oggi.",
        "Old shapes, painted today.",
    ),
    "pasta": Said(
        "Quattro nidi di tagliatelle su un tagliere infarinato, con il matterello e le uova",
        "Four nests of tagliatelle on a floured board, with the rolling pin and eggs",
        "Tagliatelle tirate al matterello.",
        "Tagliatelle rolled by hand.",
    ),
    "family": Said(
        "Tre generazioni della famiglia Manfredi dietro il banco, tra piatti dipinti e bottiglie",
        "Three generations of the Manfredi family behind the counter, among painted plates and bottles",
        "Caterina, nonna Ines e Pietro.",
        "Caterina, grandmother Ines and Pietro.",
    ),
}
GOODS_TEXTS: Mapping[str, Said] = {
    "plate": Said("Piatto di maiolica dipinto a mano, visto dall'alto", "Hand-painted maiolica plate from above"),
    "bowl": Said("Ciotola dipinta su un tavolo di legno", "Painted bowl on a wooden table"),
    "stand": Said("Alzata bianca con pasticcini", "White cake stand with pastries"),
    "vase": Said("Vaso dipinto su un tavolo di legno", "Painted vase on a wooden table"),
    "albarello": Said("Albarello da farmacia dipinto in blu", "Apothecary's jar painted in blue"),
    "candlestick": Said("Candeliere dipinto con la candela accesa", "Painted candlestick with a lit candle"),
    "tile": Said("Mattonella dipinta a mano", "Hand-painted tile"),
    "cup": Said("Tazza dipinta con il suo piattino", "Painted cup with its saucer"),
    "mug": Said("Tazza grande dipinta", "Large painted mug"),
    "teapot": Said("Teiera dipinta", "Painted teapot"),
    "jug": Said("Brocca dipinta", "Painted jug"),
    "cloth": Said("Tela piegata, stampata a ruggine", "Folded cloth printed in rust"),
    "towel": Said("Canovaccio stampato, appeso", "Printed tea towel, hung up"),
    "cushion": Said("Cuscino di tela stampata", "Cushion of printed linen"),
    "flour": Said("Sacchetto di carta con una spiga stampata", "Paper bag with a printed ear of wheat"),
    "oil": Said("Bottiglia d'olio con un ramo d'ulivo", "Bottle of oil with an olive branch"),
    "cheese": Said("Forma di formaggio tagliata su un tagliere", "Cut wheel of cheese on a board"),
    "salami": Said("Salame affettato su un tagliere", "Sliced salami on a board"),
    "wine": Said("Bottiglia di vino e calice", "Bottle of wine and a glass"),
    "honey": Said("Vasetto di miele con lo spargimiele", "Jar of honey with a dipper"),
    "jam": Said("Vasetto di confettura con la frutta", "Jar of jam with fruit"),
    "vinegar": Said("Bottiglia scura con etichetta", "Dark bottle with a label"),
    "cake": Said("Ciambella su un piatto bianco", "Ring cake on a white plate"),
    "biscuits": Said("Biscotti su un piatto dipinto", "Biscuits on a painted plate"),
    "portrait": Said("Ritratto di chi lavora in bottega", "Portrait of somebody from the shop"),
    "book": Said("Libro rilegato in tela", "Cloth-bound book"),
}
LOOKS = {
    "plate": 5,
    "tile": 3,
    "vase": 3,
    "wine": 3,
    "jam": 3,
    "cheese": 3,
    "cake": 2,
    "book": 2,
    "oil": 2,
    "cloth": 2,
    "salami": 2,
}
TAGS = {
    "ceramica": "plates tiles vases workshop kiln plate bowl stand vase albarello candlestick tile cup mug teapot jug",
    "tele": "linen cloth towel cushion",
    "sapori": "oil cheese wine coffee pasta table flour salami honey jam vinegar cake biscuits",
    "laboratorio": "workshop kiln",
    "negozio": "shop family portrait",
    "persone": "family portrait",
    "paesaggio": "hills arcades",
}
# what is meant by other words, the first one that is among them
SCENES_BY_WORD = (
    ("caterina", "portrait-0"), ("pietro", "portrait-1"), ("ines", "portrait-2"), ("portrait", "portrait-0"), ("famil", "family"), ("workshop", "workshop"),
    ("people", "family"), ("window", "shop"), ("shop", "shop"), ("front", "shop"), ("wheel", "workshop"),
    ("ceramic", "plates"), ("plate", "plates"), ("tile", "tiles"), ("oil", "oil"), ("pantry", "cheese"), ("food", "cheese"),
    ("cheese", "cheese"), ("wine", "wine"), ("cellar", "wine"), ("linen", "linen"), ("cloth", "linen"), ("arcade", "arcades"),
    ("town", "arcades"), ("square", "arcades"), ("hill", "hills"), ("land", "hills"), ("kiln", "kiln"), ("fire", "kiln"),
    ("table", "table"), ("coffee", "coffee"), ("pasta", "pasta"), ("vase", "vases"), ("contact", "shop"), ("hours", "shop"),
)  # fmt: skip
# what is drawn for a product, by the first of these words that its name has
KINDS_BY_WORD = (
    ("alzata", "stand"), ("insalatiera", "bowl"), ("ciotol", "bowl"), ("mattonella", "tile"), ("albarello", "albarello"),
    ("candeliere", "candlestick"), ("acquasantiera", "tile"), ("presepe", "albarello"), ("anfora", "vase"), ("cachepot", "bowl"),
    ("vaso", "vase"), ("piatto", "plate"), ("vassoio", "plate"), ("teiera", "teapot"), ("zuccheriera", "teapot"),
    ("lattiera", "jug"), ("brocca", "jug"), ("boccale", "mug"), ("colazione", "mug"), ("saliera", "albarello"), ("tazz", "cup"),
    ("servizio da caff", "cup"), ("cuscino", "cushion"), ("presina", "cushion"), ("borsa", "towel"), ("canovaccio", "towel"),
    ("grembiule", "towel"), ("tenda", "towel"), ("tovagl", "cloth"), ("runner", "cloth"), ("ricette", "book"), ("libro", "book"),
    ("cucina romagnola", "book"), ("quaderno", "book"), ("passeggiate", "book"), ("guida", "book"), ("racconti", "book"),
    ("artusi", "book"), ("sfogline", "book"), ("tele e stampi", "book"), ("olio", "oil"), ("tre oli", "oil"), ("miele", "honey"),
    ("savor", "jam"), ("saba", "vinegar"), ("balsamico", "vinegar"), ("confettura", "jam"), ("fichi", "jam"), ("mostarda", "jam"),
    ("biscotti", "biscuits"), ("cantucci", "biscuits"), ("torrone", "biscuits"), ("cioccolato", "biscuits"),
    ("piadina dolce", "biscuits"), ("ciambella", "cake"), ("bustrengo", "cake"), ("pan", "cake"), ("colomba", "cake"),
    ("formaggio", "cheese"), ("pecorino", "cheese"), ("parmigiano", "cheese"), ("squacquerone", "cheese"), ("raviggiolo", "cheese"),
    ("caciotta", "cheese"), ("ricotta", "cheese"), ("stracchino", "cheese"), ("salam", "salami"), ("coppa", "salami"),
    ("culatello", "salami"), ("mortadella", "salami"), ("prosciutto", "salami"), ("guanciale", "salami"), ("pancetta", "salami"),
    ("ciccioli", "salami"), ("salsiccia", "salami"), ("cotechino", "salami"), ("nocino", "vinegar"), ("liquore", "vinegar"),
    ("sangiovese", "wine"), ("albana", "wine"), ("trebbiano", "wine"), ("pagadebit", "wine"), ("burson", "wine"),
    ("centesimino", "wine"), ("vino", "wine"), ("strozzapreti", "flour"), ("cappelletti", "flour"), ("passatelli", "flour"),
    ("farina", "flour"), ("riso", "flour"), ("polenta", "flour"), ("tagliatelle", "flour"), ("garganelli", "flour"),
    ("quadrettini", "flour"),
)  # fmt: skip
