"""What further pages of the demo company say: name, page above, and title, description and blocks by language."""

from __future__ import annotations

from typing import Any

Text = dict[str, Any]
FURTHER: tuple[tuple[str, str, dict[str, Text]], ...] = (
    (
        "prices",
        "home",
        {
            "it": {
                "title": "Listino",
                "description": "I prezzi del banco: ceramiche, tele, olio, formaggi e vini della Bottega Manfredi.",
                "blocks": [
                    ("pricelist", {"title": "I prezzi di oggi"}),
                    (
                        "table",
                        {
                            "title": "Su misura e spedizioni",
                            "head": "Servizio|Prezzo",
                            "rows": [
                                {"cells": "Nome o data dipinti su un piatto|12,00 €"},
                                {"cells": "Corso del sabato, cottura compresa|55,00 €"},
                                {"cells": "Confezione regalo|gratuita"},
                                {"cells": "Spedizione in Italia|9,00 €, gratuita da 120 €"},
                                {"cells": "Spedizione nell'Unione Europea|19,00 €"},
                            ],
                            "note": "Prezzi IVA inclusa.",
                        },
                    ),
                ],
            },
            "en": {
                "title": "Price list",
                "description": "The prices at our counter: ceramics, linen, olive oil, cheeses and wines of Bottega Manfredi.",
                "blocks": [
                    ("pricelist", {"title": "Today's prices"}),
                    (
                        "table",
                        {
                            "title": "Made to measure, and parcels",
                            "head": "Service|Price",
                            "rows": [
                                {"cells": "A name or a date painted on a plate|€12.00"},
                                {"cells": "Saturday course, firing included|€55.00"},
                                {"cells": "Gift wrapping|free"},
                                {"cells": "Parcel within Italy|€9.00, free from €120"},
                                {"cells": "Parcel within the European Union|€19.00"},
                            ],
                            "note": "Prices include VAT.",
                        },
                    ),
                ],
            },
        },
    ),
    (
        "contact",
        "home",
        {
            "it": {
                "title": "Contatti",
                "description": "Scrivi o telefona alla Bottega Manfredi: rispondiamo entro un giorno di lavoro.",
                "blocks": [
                    (
                        "text",
                        {
                            "title": "Parliamone",
                            "text": (
                                "Per liste di nozze, servizi su misura, cesti e corsi scrivici a "
                                "[negozio@demo.bottega.it](mailto:negozio@demo.bottega.it) o chiama lo "
                                "[0546 555 0174](tel:+3905465550174). Rispondiamo entro un giorno di lavoro."
                            ),
                        },
                    ),
                    ("form", {"title": "Scrivici", "form": "Scrivici"}),
                    ("contacts", {"title": "I nostri recapiti"}),
                ],
            },
            "en": {
                "title": "Contact",
                "description": "Write to Bottega Manfredi or give us a ring: we answer within a working day.",
                "blocks": [
                    (
                        "text",
                        {
                            "title": "Let us talk",
                            "text": (
                                "For wedding lists, services to measure, hampers and courses write to "
                                "[negozio@demo.bottega.it](mailto:negozio@demo.bottega.it) or call "
                                "[+39 0546 555 0174](tel:+3905465550174). We answer within a working day."
                            ),
                        },
                    ),
                    ("form", {"title": "Write to us", "form": "Scrivici"}),
                    ("contacts", {"title": "How to reach us"}),
                ],
            },
        },
    ),
)
