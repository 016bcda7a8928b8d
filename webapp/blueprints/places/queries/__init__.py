"""Opening hours as rules without a database, in words and for search engines; and the questions to the places room's records."""
