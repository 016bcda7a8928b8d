"""The words by which the columns of sales files are called, in English and Italian."""

WORDS: dict[str, frozenset[str]] = {
    "order_number": frozenset(
        {
            "order", "order number", "order no", "order id", "orderid", "order nr", "invoice", "invoice no", "invoiceno",
            "invoice id", "invoice number", "receipt", "receipt no", "document", "document no", "document number",
            "transaction", "transaction id", "sale id", "ordine", "numero ordine", "n ordine", "nr ordine", "id ordine",
            "fattura", "numero fattura", "n fattura", "nr fattura", "documento", "numero documento", "scontrino", "numero",
        }
    ),
    "date": frozenset(
        {
            "date", "order date", "orderdate", "invoice date", "invoicedate", "sale date", "date time", "datetime",
            "timestamp", "time", "day", "created", "created at", "ordered at", "data", "data ordine", "data fattura",
            "data documento", "data vendita", "giorno", "data ora", "data e ora",
        }
    ),
    "sku": frozenset(
        {
            "sku", "stock code", "stockcode", "product code", "productcode", "item code", "item", "item no", "item number",
            "article", "article no", "product id", "product no", "code", "track id", "ean", "barcode", "codice", "cod",
            "codice articolo", "cod articolo", "cod art", "articolo", "codice prodotto", "cod prodotto",
        }
    ),
    "description": frozenset(
        {
            "description", "product", "product name", "item name", "item description", "name", "title", "track",
            "descrizione", "descrizione articolo", "descrizione prodotto", "prodotto", "nome prodotto", "nome articolo",
        }
    ),
    "quantity": frozenset(
        {"quantity", "qty", "units", "pieces", "pcs", "amount of items", "quantita", "quantità", "qta", "qtà", "q ta", "q tà",
         "pezzi", "pz", "n pezzi"}
    ),
    "unit_price": frozenset(
        {
            "unit price", "unitprice", "price", "price each", "price per unit", "net price", "rate", "prezzo",
            "prezzo unitario", "prezzo unit", "prezzo netto", "pr unitario", "importo unitario",
        }
    ),
    "discount": frozenset({"discount", "discount %", "discount percent", "disc", "sconto", "sconto %", "% sconto", "sc"}),
    "customer_number": frozenset(
        {
            "customer id", "customerid", "customer no", "customer number", "customer code", "client id", "client no",
            "account", "account no", "codice cliente", "cod cliente", "id cliente", "numero cliente", "n cliente",
            "customer", "client", "cliente",
        }
    ),
    "customer_name": frozenset(
        {
            "customer name", "client name", "customer", "client", "buyer", "company", "ragione sociale", "nome cliente",
            "denominazione", "cliente", "intestatario",
        }
    ),
    "country": frozenset(
        {"country", "billing country", "shipping country", "ship country", "nation", "nazione", "paese", "stato"}
    ),
    "category": frozenset(
        {"category", "product category", "group", "department", "genre", "family", "categoria", "reparto", "famiglia", "gruppo"}
    ),
}  # fmt: skip
