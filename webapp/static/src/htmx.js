// HTMX alone, for the public page that needs it: {% block head %}<script src="{{ asset_url('htmx.js') }}" defer>.
import htmx from "htmx.org";

window.htmx = htmx;
