// The script of every page: HTMX, the few Bootstrap parts that pages use, and the house's own behaviour.
import "@tabler/core/js/src/bootstrap/alert";
import "@tabler/core/js/src/bootstrap/collapse";
import "@tabler/core/js/src/bootstrap/dropdown";
import "@tabler/core/js/src/bootstrap/offcanvas";
import "@tabler/core/js/src/bootstrap/tab";
import htmx from "htmx.org";
import "./core.css";
import "./app.js";
import "./admin.js";

window.htmx = htmx;
