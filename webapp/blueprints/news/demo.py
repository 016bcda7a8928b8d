"""The demo company's news: six articles in Italian and English by two people of the shop, around today."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from webapp.blueprints.media.public import demo_picture
from webapp.blueprints.news.models import ArticleTag, Author, State
from webapp.blueprints.news.services.articles import ArticleValues, Plan, Wording, create_article
from webapp.blueprints.news.services.bylines import AuthorValues, TagName, create_author, create_tag
from webapp.core.clock import utc_now
from webapp.core.security import SYSTEM

PEOPLE = {
    "Caterina Manfredi": (
        "portrait-0",
        "Dipinge da quando sapeva tenere un pennello. Sceglie i pezzi con i maestri delle botteghe faentine.",
        "She has painted since she could hold a brush, and chooses the pieces with the masters of Faenza's workshops.",
    ),
    "Pietro Manfredi": (
        "portrait-1",
        "Gira frantoi, cantine e caseifici della Romagna, e sa il nome di ogni produttore.",
        "He goes round the oil mills, cellars and dairies of Romagna, and knows every maker by name.",
    ),
}
TAGS = {
    "ceramics": ("Ceramica", "Ceramics"),
    "table": ("A tavola", "At the table"),
    "people": ("Chi lo fa", "The makers"),
    "shop": ("In bottega", "In the shop"),
}
# days ago, picture, author, tags, then title, summary and body in Italian and in English
ARTICLES = (
    (
        3, "oil", "Pietro Manfredi", ("table", "people"),
        "È arrivato l'olio nuovo di Brisighella",
        "Pochi quintali, raccolti a mano nella valle del Lamone: l'olio nuovo è in bottega da questa settimana.",
        """Le olive della varietà *Nostrana di Brisighella* si raccolgono a mano, quando cominciano a cambiare colore.
Nel frantoio restano poche ore: per questo l'olio nuovo sa di carciofo e di erba tagliata.

## Come usarlo

- A crudo, su una fetta di pane appena tostata
- Sui passatelli in brodo, all'ultimo momento
- Su un pecorino di fossa, con qualche goccia di saba

Lo trovate [tra gli oli](/it/prodotti), nella bottiglia da mezzo litro. Finché ce n'è.""",
        "The new oil from Brisighella is here",
        "A small harvest, picked by hand in the Lamone valley: the new oil has been in the shop since this week.",
        """The olives of the variety *Nostrana di Brisighella* are picked by hand when they begin to change colour.
They wait in the mill for a few hours only: that is why new oil tastes of artichoke and cut grass.

## How to use it

- Raw, on a slice of toasted bread
- On passatelli in broth, at the last moment
- On a pecorino di fossa, with a few drops of saba

You find it [among the oils](/en/products), in the half-litre bottle. As long as there is any.""",
    ),
    (
        12, "plates", "Caterina Manfredi", ("ceramics", "people"),
        "Il garofano, fiore di Faenza",
        "Da dove viene il decoro più amato della maiolica faentina, e come si riconosce un pezzo dipinto a mano.",
        """Nel Settecento la fabbrica Ferniani guardava alle porcellane d'Oriente. Dai loro fiori nacque il **garofano**:
rosso, con le foglie verdi e blu, disposto sul bordo del piatto.

## Un pezzo dipinto a mano

Guardate due piatti uno accanto all'altro: i petali non sono mai uguali. Il pennello lascia più colore dove si ferma,
e sul retro c'è la firma di chi ha dipinto.

> Il decoro si fa in un gesto solo. Se ti fermi a pensare, il fiore appassisce.

Così dice la maestra che dipinge i nostri servizi da ventidue anni.""",
        "The carnation, flower of Faenza",
        "Where the best loved pattern of Faenza's maiolica comes from, and how to tell a piece painted by hand.",
        """In the eighteenth century the Ferniani factory looked to the porcelain of the East. From its flowers came the
**carnation**: red, with green and blue leaves, set along the rim of the plate.

## Painted by hand

Look at two plates side by side: the petals are never the same. The brush leaves more colour where it rests, and on the
back there is the signature of whoever painted it.

> The pattern is made in one movement. If you stop to think, the flower fades.

So says the master who has painted our services for twenty-two years.""",
    ),
    (
        26, "workshop", "Caterina Manfredi", ("shop", "ceramics"),
        "Sabato in bottega: si dipinge insieme",
        "Un sabato al mese il retro della bottega diventa un laboratorio: otto posti, un piatto ciascuno.",
        """Non serve saper disegnare. Vi diamo un piatto già smaltato, i colori e un decoro da ricalcare con la tecnica
dello *spolvero*, come si fa da cinquecento anni.

1. Alle 15 si sceglie il decoro
2. Alle 16 si dipinge
3. Alle 18 un bicchiere di Albana, mentre il colore asciuga

Il piatto si cuoce a 920 gradi e si ritira dopo dieci giorni. Per prenotare: negozio@demo.bottega.it.""",
        "A Saturday in the shop: painting together",
        "One Saturday a month the back of the shop becomes a workshop: eight places, a plate each.",
        """You need not be able to draw. We give you a glazed plate, the colours and a pattern to pounce, as has been done
for five hundred years.

1. At 3 pm you choose the pattern
2. At 4 pm you paint
3. At 6 pm there is a glass of Albana while the colour dries

The plate is fired at 920 degrees and is ready after ten days. To book: negozio@demo.bottega.it.""",
    ),
    (
        48, "cheese", "Pietro Manfredi", ("table", "people"),
        "Il formaggio che riposa sottoterra",
        "A Sogliano le fosse si chiudono ad agosto e si aprono a novembre. Siamo andati a vedere.",
        """Le fosse sono scavate nel tufo e foderate di paglia. I pecorini entrano in sacchi di tela, uno sull'altro, e
per tre mesi nessuno li guarda.

Quando la fossa si apre, l'odore riempie la strada. Il formaggio ha perso la forma e ha preso un sapore che non somiglia
a niente: si mangia con il miele di castagno, oppure con la nostra mostarda di pere.""",
        "The cheese that sleeps underground",
        "In Sogliano the pits are closed in August and opened in November. We went to see.",
        """The pits are dug into tuff and lined with straw. The cheeses go in, in sacks of cloth, one upon the other, and
for three months nobody looks at them.

When the pit is opened the smell fills the street. The cheese has lost its shape and taken on a taste like nothing
else: it is eaten with chestnut honey, or with our pear mostarda.""",
    ),
    (
        75, "linen", "Caterina Manfredi", ("people",),
        "La ruggine che disegna le tele",
        "Farina, aceto e ferro vecchio: la ricetta del colore delle tele stampate romagnole è tutta qui.",
        """Gli stampi sono di pero, incisi a mano. Si bagnano in una pasta di farina, aceto di vino e ferro arrugginito, poi
si battono sulla tela con un mazzuolo: un colpo per ogni galletto, per ogni grappolo d'uva.

Il colore si fissa con la cenere e non va più via. Per questo una tovaglia stampata si lascia ai nipoti.""",
        "The rust that draws on linen",
        "Flour, vinegar and old iron: that is all there is in the colour of Romagna's printed linen.",
        """The blocks are of pear wood, carved by hand. They are dipped into a paste of flour, wine vinegar and rusted
iron, then struck onto the cloth with a mallet: one blow for every cockerel, for every bunch of grapes.

The colour is fixed with ash and never goes away. That is why a printed tablecloth is left to the grandchildren.""",
    ),
    (
        110, "shop", "Pietro Manfredi", ("table", "shop"),
        "Cinquant'anni di Bottega Manfredi",
        "Dal 1974 in corso Mazzini: tre generazioni, lo stesso bancone e qualche migliaio di piatti dipinti.",
        """Il nonno Aurelio aprì la bottega con dodici servizi da caffè e una damigiana di Sangiovese. Il bancone è ancora
quello; la damigiana, per fortuna, è stata sostituita.

Grazie a chi è entrato anche solo per un saluto. **Spediamo in tutta Europa**, ma il caffè lo offriamo soltanto qui.""",
        "Fifty years of Bottega Manfredi",
        "Since 1974 in Corso Mazzini: three generations, the same counter and some thousands of painted plates.",
        """Grandfather Aurelio opened the shop with twelve coffee services and a demijohn of Sangiovese. The counter is
still the same; the demijohn, luckily, was replaced.

Thanks to all who came in, if only to say hello. **We ship to all of Europe**, but coffee is offered here alone.""",
    ),
)  # fmt: skip


def load_demo(session: Session) -> None:
    """Store authors, tags and articles."""
    authors: dict[str, Author] = {}
    for name, (drawing, italian, english) in PEOPLE.items():
        person = AuthorValues(name, about={"it": italian, "en": english}, picture_id=demo_picture(session, drawing))
        authors[name] = create_author(session, by=SYSTEM, values=person)
    tags: dict[str, ArticleTag] = {
        key: create_tag(session, by=SYSTEM, names={"it": TagName(italian), "en": TagName(english)})
        for key, (italian, english) in TAGS.items()
    }
    morning = utc_now().replace(hour=7, minute=30, second=0, microsecond=0)
    for days, drawing, author, about, *texts in ARTICLES:
        words = {
            language: Wording(title=each[0], summary=each[1], body=each[2])
            for language, each in (("it", texts[:3]), ("en", texts[3:]))
        }
        values = ArticleValues(
            words=words,
            picture_id=demo_picture(session, drawing),
            author_ids=(authors[author].id,),
            tag_ids=tuple(tags[key].id for key in about),
            plan=Plan(State.PUBLISHED, publish_at=morning - dt.timedelta(days=days)),
        )
        create_article(session, by=SYSTEM, values=values)
