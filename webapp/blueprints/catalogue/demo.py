"""The demo company's goods: a dozen categories of ceramics, linen and food, with the VAT rates of Italian law."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Session

from webapp.blueprints.catalogue.models import Category, Product

# a line that ends in a rate opens a category: name, letters of its SKUs, VAT in percent (Tables A II and III of DPR 633/72)
COST = Decimal("0.58")  # of the price
GOODS = """
Piatti e ciotole | PIA | 22
Piatto piano garofano 27 cm 34.00; Piatto fondo garofano 24 cm 32.00; Piatto da dessert garofano 20 cm 26.00
Piatto da portata galletto 35 cm 68.00; Ciotola melograno 14 cm 22.00; Insalatiera melograno 28 cm 58.00
Alzata per dolci raffaellesca 45.00; Vassoio ovale penna di pavone 40 cm 74.00; Ciotolina per salse blu 11.00
Piatto murale con dedica 30 cm 85.00
Vasi e decorazioni | VAS | 22
Vaso a palla raffaellesco 20 cm 72.00; Vaso cilindrico garofano 25 cm 64.00; Anfora con manici 40 cm 148.00
Albarello da farmacia 18 cm 54.00; Cachepot melograno 16 cm 46.00; Acquasantiera dipinta 38.00
Mattonella con numero civico 24.00; Mattonella ornato berettino 15 cm 19.00; Candeliere penna di pavone 36.00
Presepe in maiolica sei figure 165.00
Tazze e teiere | TAZ | 22
Tazzina da caffè con piattino garofano 21.00; Tazza da colazione melograno 19.00; Tazza da tè con piattino 26.00
Teiera raffaellesca 78.00; Zuccheriera garofano 33.00; Lattiera garofano 29.00; Boccale da vino mezzo litro 31.00
Brocca galletto un litro 44.00; Servizio da caffè per sei 198.00; Saliera e pepiera 24.00
Tele stampate | TEL | 22
Tovaglia stampata a ruggine 140x180 95.00; Tovaglia stampata a ruggine 160x240 128.00; Runner caveja 50x150 48.00
Canovaccio galletto 16.00; Grembiule da cucina uva 34.00; Set di sei tovaglioli grano 54.00
Presina melograno 9.00; Borsa di tela pigna 29.00; Cuscino caveja 40x40 39.00; Tenda a vetro uva 60x120 44.00
Pasta e farine | PAS | 4
Strozzapreti 500 g 4.20; Cappelletti essiccati 250 g 6.80; Passatelli 250 g 5.90; Garganelli al pettine 500 g 5.40
Tagliatelle all'uovo 500 g 5.60; Farina di grano tenero tipo 1 1 kg 2.80; Farina per piadina 1 kg 2.60
Riso carnaroli del Delta 1 kg 4.90; Quadrettini per brodo 250 g 3.90; Polenta bramata 1 kg 3.20
Olio di oliva | OLI | 4
Olio di Brisighella DOP 250 ml 14.50; Olio di Brisighella DOP 500 ml 24.00; Olio Nobil Drupa 500 ml 32.00
Olio nuovo di frantoio 500 ml 19.50; Olio da cucina latta 3 l 45.00; Olio delle colline 750 ml 17.00
Olio al limone 250 ml 11.50; Olio al rosmarino 250 ml 10.80; Olio monocultivar Ghiacciola 500 ml 29.00
Confezione degustazione tre oli 42.00
Formaggi | FOR | 4
Squacquerone di Romagna DOP 300 g 5.80; Pecorino di fossa di Sogliano 400 g 16.50; Parmigiano Reggiano 24 mesi 1 kg 24.90
Parmigiano Reggiano 36 mesi 1 kg 31.50; Raviggiolo dell'Appennino 250 g 5.20; Caciotta alle erbe 500 g 9.80
Ricotta salata 300 g 6.40; Formaggio al vino rosso 400 g 11.90; Pecorino alle noci 400 g 12.40; Stracchino 250 g 4.30
Salumi | SAL | 10
Salame gentile di mora romagnola 500 g 19.80; Coppa stagionata 400 g 14.20; Culatello di Zibello DOP 300 g 29.50
Mortadella Bologna IGP 500 g 9.90; Prosciutto di Parma 24 mesi 300 g 15.60; Guanciale 400 g 9.40; Pancetta tesa 400 g 8.20
Ciccioli frolli 250 g 4.60; Salsiccia passita 300 g 7.80; Cotechino di mora 600 g 10.50
Miele e confetture | MIE | 10
Miele di acacia 500 g 9.20; Miele di castagno 500 g 8.60; Miele di tiglio 250 g 5.40; Savor di frutta antica 250 g 7.20
Saba di mosto 250 ml 9.80; Confettura di albicocche 300 g 5.60; Confettura di pesche di Romagna 300 g 5.60
Fichi caramellati 250 g 7.40; Mostarda di pere 250 g 6.90; Aceto balsamico di Modena IGP 250 ml 13.50
Dolci | DOL | 10
Ciambella romagnola 400 g 7.20; Bustrengo 350 g 8.40; Biscotti della domenica 300 g 5.90; Cantucci alle mandorle 300 g 6.20
Panone di Natale 700 g 16.80; Panspeziale 500 g 14.90; Piadina dolce 200 g 4.10; Torrone morbido 200 g 7.90
Cioccolato al sale di Cervia 100 g 4.80; Colomba artigianale 750 g 19.50
Vini e liquori | VIN | 22
Sangiovese di Romagna DOC 75 cl 9.80; Sangiovese Riserva Modigliana 75 cl 18.50; Albana secca DOCG 75 cl 12.40
Albana passita DOCG 50 cl 24.00; Trebbiano di Romagna 75 cl 7.60; Pagadebit 75 cl 8.90; Burson etichetta nera 75 cl 21.00
Centesimino di Oriolo 75 cl 16.20; Nocino della casa 50 cl 17.50; Liquore di amarene 50 cl 16.80
Libri e ricette | LIB | 4
La cucina romagnola 24.00; Maioliche di Faenza: guida ai decori 38.00; Il libro della piadina 12.50
Ricette della festa 18.00; Tele e stampi di Romagna 29.00; Passeggiate sulle vie dell'olio 15.00
Sfogline: la pasta a mano 22.00; Artusi annotato 28.00; Il vino nuovo: racconti 14.00; Quaderno di cucina dipinto 19.00
"""


def load_demo(session: Session) -> None:
    """Store the categories and their products."""
    category, letters, rate, number = Category(), "", Decimal(0), 0
    for line in GOODS.strip().splitlines():
        if "|" in line:
            name, letters, percent = (part.strip() for part in line.split("|"))
            category, rate, number = Category(name=name), Decimal(percent), 0
            session.add(category)
            continue
        for words in line.split("; "):
            number += 1
            name, _, price = words.rpartition(" ")
            sku = f"{letters}-{number:03d}"
            session.add(
                Product(
                    sku=sku,
                    name=name,
                    category=category,
                    price=Decimal(price),
                    vat_rate=rate,
                    cost=(Decimal(price) * COST).quantize(Decimal("0.01")),
                )
            )
