// The script of the public pages: small, without HTMX. A page that needs that loads htmx.js beside it.
import "./public.css";
import "./forms.js";
import "./menus.js";
import "./theme.js";
import "./site/*.js";

document.documentElement.classList.add("has-js");

// The button that closes a message.
document.addEventListener("click", (event) => {
  event.target.closest("[data-bs-dismiss=alert]")?.closest(".alert")?.remove();
});
