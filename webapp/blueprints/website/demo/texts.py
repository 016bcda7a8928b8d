"""What the demo company's pages say: name, page above, and title, description and blocks by language."""

from __future__ import annotations

from webapp.blueprints.website.demo.more_texts import FURTHER, Text

PAGES: tuple[tuple[str, str, dict[str, Text]], ...] = (
    (
        "home",
        "",
        {
            "it": {
                "title": "Ceramiche di Faenza e sapori di Romagna",
                "menu": "Inizio",
                "description": (
                    "Bottega Manfredi, in corso Mazzini a Faenza: ceramiche dipinte a mano, tele stampate a ruggine, "
                    "olio di Brisighella, formaggi e vini di Romagna dal 1974."
                ),
                "blocks": [
                    (
                        "hero",
                        {
                            "title": "Ceramiche di Faenza e sapori di Romagna",
                            "text": (
                                "Piatti dipinti a mano, tele stampate a ruggine, olio, formaggi e vini di chi conosciamo "
                                "per nome. Dal 1974 in corso Mazzini."
                            ),
                            "picture": "shop",
                            "link": "/it/listino",
                            "link_text": "Guarda il listino",
                            "second_link": "/it/dove-siamo",
                            "second_link_text": "Vieni a trovarci",
                        },
                    ),
                    (
                        "cards",
                        {
                            "title": "Che cosa trovi da noi",
                            "text": "Tre banchi, tre mestieri, un'idea sola: cose fatte bene, da persone che si possono nominare.",
                            "cards": [
                                {
                                    "title": "Ceramiche dipinte a mano",
                                    "text": "Garofano, melagrana, blu di Faenza: i decori antichi su piatti da usare ogni giorno.",
                                    "picture": "ceramics",
                                    "link": "/it/laboratorio",
                                    "link_text": "Come nasce un piatto",
                                },
                                {
                                    "title": "Dispensa di Romagna",
                                    "text": "Olio di Brisighella, formaggio di fossa, savor, Sangiovese e Albana delle colline.",
                                    "picture": "pantry",
                                    "link": "/it/listino",
                                    "link_text": "Prezzi e formati",
                                },
                                {
                                    "title": "Tele stampate a ruggine",
                                    "text": "Tovaglie e canovacci battuti con stampi di pero, come si fa da tre secoli.",
                                    "picture": "linen",
                                    "link": "/it/chi-siamo",
                                    "link_text": "Chi le stampa per noi",
                                },
                            ],
                        },
                    ),
                    ("products", {"title": "Dal banco di questa settimana"}),
                    (
                        "text",
                        {
                            "title": "Una bottega, tre generazioni",
                            "text": (
                                "Nel 1974 la nonna **Teresa** aprì il negozio con quaranta piatti e una forma di pecorino. "
                                "Oggi il forno lo accende Ada, sua nipote, e il banco è ancora lo stesso.\n\n"
                                "Prepariamo liste di nozze, cesti e servizi su misura: "
                                "[scrivici](/it/contatti) e ne parliamo davanti a un caffè."
                            ),
                            "picture": "family",
                            "side": "end",
                        },
                    ),
                    (
                        "quote",
                        {
                            "text": "Il servizio di mia madre l'avevano dipinto qui. Ho trovato lo stesso garofano, cinquant'anni dopo.",
                            "author": "Lucia B.",
                            "about": "cliente di Forlì",
                        },
                    ),
                    ("news", {"title": "Dalla bottega"}),
                    ("hours", {"title": "Orari"}),
                    ("contacts", {"title": "Contatti"}),
                ],
            },
            "en": {
                "title": "Faenza ceramics and the tastes of Romagna",
                "menu": "Home",
                "description": (
                    "Bottega Manfredi, corso Mazzini, Faenza: hand-painted ceramics, rust-printed linen, Brisighella olive "
                    "oil, cheeses and wines of Romagna since 1974."
                ),
                "blocks": [
                    (
                        "hero",
                        {
                            "title": "Faenza ceramics and the tastes of Romagna",
                            "text": (
                                "Hand-painted plates, rust-printed linen, olive oil, cheeses and wines from people whom we "
                                "know by name. In corso Mazzini since 1974."
                            ),
                            "picture": "shop",
                            "link": "/en/price-list",
                            "link_text": "See the price list",
                            "second_link": "/en/find-us",
                            "second_link_text": "Come and see us",
                        },
                    ),
                    (
                        "cards",
                        {
                            "title": "What you find here",
                            "text": "Three counters, three crafts, one idea: things made well, by people with a name.",
                            "cards": [
                                {
                                    "title": "Hand-painted ceramics",
                                    "text": "Carnation, pomegranate, Faenza blue: old patterns on plates for every day.",
                                    "picture": "ceramics",
                                    "link": "/en/workshop",
                                    "link_text": "How a plate is made",
                                },
                                {
                                    "title": "The pantry of Romagna",
                                    "text": "Brisighella olive oil, pit-aged cheese, savor, Sangiovese and Albana of the hills.",
                                    "picture": "pantry",
                                    "link": "/en/price-list",
                                    "link_text": "Prices and sizes",
                                },
                                {
                                    "title": "Rust-printed linen",
                                    "text": "Tablecloths and tea towels, beaten with pear-wood blocks as they were 300 years ago.",
                                    "picture": "linen",
                                    "link": "/en/about-us",
                                    "link_text": "Who prints them for us",
                                },
                            ],
                        },
                    ),
                    ("products", {"title": "On the counter this week"}),
                    (
                        "text",
                        {
                            "title": "One shop, three generations",
                            "text": (
                                "In 1974 our grandmother **Teresa** opened with forty plates and one wheel of pecorino. "
                                "Today it is Ada, her granddaughter, who lights the kiln, and the counter is still the same."
                                "\n\nWe make wedding lists, hampers and services to measure: "
                                "[write to us](/en/contact) and let us talk it over with a coffee."
                            ),
                            "picture": "family",
                            "side": "end",
                        },
                    ),
                    (
                        "quote",
                        {
                            "text": "My mother's service was painted here. I found the same carnation, fifty years later.",
                            "author": "Lucia B.",
                            "about": "a customer from Forlì",
                        },
                    ),
                    ("news", {"title": "From the shop"}),
                    ("hours", {"title": "Opening hours"}),
                    ("contacts", {"title": "Contacts"}),
                ],
            },
        },
    ),
    (
        "about",
        "home",
        {
            "it": {
                "title": "Chi siamo",
                "description": "La famiglia Manfredi, i maestri e i produttori che lavorano con noi, da tre generazioni.",
                "blocks": [
                    (
                        "text",
                        {
                            "title": "Dal 1974 in corso Mazzini",
                            "text": (
                                "Siamo in quattro: **Ada** al forno, **Bruno** al banco, **Carla** ai conti e alle spedizioni, "
                                "e la nonna Teresa, che passa ogni mattina a controllare che i piatti suonino come devono.\n\n"
                                "Compriamo poco e da pochi. Di ogni cosa che vendiamo sappiamo chi l'ha fatta, dove e quando: "
                                "se ce lo chiedi, te lo raccontiamo."
                            ),
                            "picture": "family",
                            "side": "end",
                        },
                    ),
                    (
                        "table",
                        {
                            "title": "Con chi lavoriamo",
                            "head": "Che cosa|Chi|Dove",
                            "rows": [
                                {"cells": "Maioliche dipinte a mano|il nostro laboratorio|Faenza"},
                                {"cells": "Tele stampate a ruggine|una stamperia di tre generazioni|Gambettola"},
                                {"cells": "Olio extravergine|due frantoi di collina|Brisighella"},
                                {"cells": "Formaggio di fossa|un caseificio di montagna|Sogliano al Rubicone"},
                                {"cells": "Sangiovese e Albana|cinque vignaioli|colline di Faenza"},
                            ],
                        },
                    ),
                    (
                        "quote",
                        {
                            "text": "Se un piatto non ti fa venire voglia di apparecchiare, non è ancora finito.",
                            "author": "Teresa Manfredi",
                            "about": "fondatrice",
                        },
                    ),
                ],
            },
            "en": {
                "title": "About us",
                "description": "The Manfredi family, and the masters and growers who have worked with us for three generations.",
                "blocks": [
                    (
                        "text",
                        {
                            "title": "In corso Mazzini since 1974",
                            "text": (
                                "We are four: **Ada** at the kiln, **Bruno** at the counter, **Carla** with the books and the "
                                "parcels, and grandmother Teresa, who comes by every morning to hear whether the plates ring "
                                "as they should.\n\nWe buy little, from few. Of everything we sell we know who made it, where "
                                "and when: ask, and we shall tell you."
                            ),
                            "picture": "family",
                            "side": "end",
                        },
                    ),
                    (
                        "table",
                        {
                            "title": "Whom we work with",
                            "head": "What|Who|Where",
                            "rows": [
                                {"cells": "Hand-painted maiolica|our own workshop|Faenza"},
                                {"cells": "Rust-printed linen|a printers' family of three generations|Gambettola"},
                                {"cells": "Extra virgin olive oil|two mills in the hills|Brisighella"},
                                {"cells": "Pit-aged cheese|a mountain dairy|Sogliano al Rubicone"},
                                {"cells": "Sangiovese and Albana|five growers|the hills of Faenza"},
                            ],
                        },
                    ),
                    (
                        "quote",
                        {
                            "text": "If a plate does not make you want to lay the table, it is not finished yet.",
                            "author": "Teresa Manfredi",
                            "about": "who founded the shop",
                        },
                    ),
                ],
            },
        },
    ),
    (
        "workshop",
        "home",
        {
            "it": {
                "title": "Laboratorio",
                "description": "Come nasce un piatto di Faenza, dal tornio alla seconda cottura, e i corsi del sabato.",
                "blocks": [
                    (
                        "text",
                        {
                            "title": "Come nasce un piatto",
                            "text": (
                                "1. **Tornio**: l'argilla di Faenza, lasciata riposare un inverno.\n"
                                "2. **Prima cottura** a 980 °C: nasce il biscotto.\n"
                                "3. **Smalto** bianco di stagno, steso a immersione.\n"
                                "4. **Pittura** a mano libera, senza ripensamenti: lo smalto crudo non perdona.\n"
                                "5. **Seconda cottura** a 920 °C, dodici ore, e due giorni di attesa prima di aprire."
                            ),
                            "picture": "workshop",
                            "side": "end",
                        },
                    ),
                    ("gallery", {"title": "Dal forno", "gallery": "*"}),
                    (
                        "notice",
                        {
                            "title": "Corsi del sabato",
                            "text": "Ogni primo sabato del mese dipingi il tuo piatto: otto posti, tre ore, cotto e pronto in due settimane.",
                            "tone": "info",
                        },
                    ),
                    (
                        "buttons",
                        {"buttons": [{"text": "Prenota un posto", "link": "/it/contatti", "style": "main"}]},
                    ),
                    (
                        "embed",
                        {
                            "title": "Intorno al laboratorio",
                            "text": (
                                "Il forno è dietro la stazione: dal treno si arriva a piedi. Sulla mappa trovi i parcheggi e il "
                                "Museo internazionale delle ceramiche, che dopo il corso vale la visita."
                            ),
                            "link": "https://www.openstreetmap.org/?mlat=44.2986&mlon=11.8809#map=16/44.2986/11.8809",
                            "sort": "map",
                        },
                    ),
                ],
            },
            "en": {
                "title": "Workshop",
                "description": "How a Faenza plate is made, from the wheel to the second firing, and our Saturday courses.",
                "blocks": [
                    (
                        "text",
                        {
                            "title": "How a plate is made",
                            "text": (
                                "1. **The wheel**: clay of Faenza that has rested for a winter.\n"
                                "2. **First firing** at 980 °C: the biscuit.\n"
                                "3. **Glaze**, tin white, by dipping.\n"
                                "4. **Painting** freehand, without second thoughts: raw glaze forgives nothing.\n"
                                "5. **Second firing** at 920 °C, twelve hours, and two days of waiting before we open."
                            ),
                            "picture": "workshop",
                            "side": "end",
                        },
                    ),
                    ("gallery", {"title": "From the kiln", "gallery": "*"}),
                    (
                        "notice",
                        {
                            "title": "Saturday courses",
                            "text": "On the first Saturday of each month you paint your own plate: eight places, three hours, fired and ready in two weeks.",
                            "tone": "info",
                        },
                    ),
                    (
                        "buttons",
                        {"buttons": [{"text": "Book a place", "link": "/en/contact", "style": "main"}]},
                    ),
                    (
                        "embed",
                        {
                            "title": "Around the workshop",
                            "text": (
                                "The kiln is behind the station, and you can walk from the train. The map shows where to park, "
                                "and the international museum of ceramics, worth a visit after the course."
                            ),
                            "link": "https://www.openstreetmap.org/?mlat=44.2986&mlon=11.8809#map=16/44.2986/11.8809",
                            "sort": "map",
                        },
                    ),
                ],
            },
        },
    ),
    *FURTHER,
)
