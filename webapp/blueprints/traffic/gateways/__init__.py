"""The process of the traffic room that runs beside the web server."""
