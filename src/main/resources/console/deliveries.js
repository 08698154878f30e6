// The log of deliveries: its side panel, and what is selected while it renews itself.
(function () {
  "use strict";
  var opener = null;
  var place = 0; // of the opener in the list

  function sheet() {
    return document.getElementById("sheet");
  }
  function open() {
    return sheet() && sheet().childElementCount > 0;
  }
  function close() {
    sheet().replaceChildren();
    if (location.pathname + location.search !== sheet().dataset.here) {
      history.pushState({ htmx: true }, "", sheet().dataset.here);
    }
    mark();
    var back = opener && document.getElementById(opener);
    if (back) back.focus();
  }

  function lines() {
    return Array.from(document.querySelectorAll("td a[hx-target='#sheet']"));
  }
  function at() {
    return lines().findIndex(function (link) { return link.id === opener; });
  }
  // the next line is at the same place if the opener has left the list
  function step(by) {
    var next = !open() ? 0 : at() >= 0 ? at() + by : by > 0 ? place : place - 1;
    if (lines()[next]) lines()[next].click();
  }
  function mark() {
    lines().forEach(function (link) {
      link.closest("tr").classList.toggle("opened", open() && link.id === opener);
    });
  }

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (event.target.getAttribute("hx-target") !== "#sheet") return;
    opener = event.target.id;
    place = at();
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    if (event.target.id === "sheet" && open()) {
      var title = sheet().querySelector("h1, h2");
      if (title) title.focus();
      sheet().scrollTop = 0;
    }
    if (event.target.id === "delivery" && document.activeElement === document.body) {
      event.target.querySelector("h1").focus();
    }
    if (event.target.id && event.target.id.indexOf("line-") === 0 && document.activeElement === document.body) {
      var link = document.getElementById(event.target.id.slice(5));
      if (link) link.focus();
    }
    counted();
    mark();
  });
  document.addEventListener("click", function (event) {
    var to = event.target.closest("[data-step]");
    if (to) step(Number(to.dataset.step));
    if (open() && event.target.closest("#sheet [data-close-sheet]")) {
      event.preventDefault();
      close();
    }
    if (event.target.closest('a[href="#edit"]')) {
      var form = document.getElementById("edit-form");
      if (form) {
        form.open = true;
        event.preventDefault();
        document.getElementById("data").focus();
      }
    }
  });
  // a search of payloads continues by itself, until it is stopped or refused
  function stop(search) {
    var further = search.nextElementSibling;
    htmx.trigger(search, "htmx:abort");
    search.remove();
    further.focus();
  }
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-stop]")) stop(event.target.closest(".search-on"));
  });
  ["htmx:responseError", "htmx:sendError"].forEach(function (failed) {
    document.addEventListener(failed, function (event) {
      if (event.detail.elt.matches(".search-on")) stop(event.detail.elt);
    });
  });

  // a click in a line opens it as its link does, except on what has an effect itself
  document.addEventListener("click", function (event) {
    var line = event.target.closest("tr");
    var link = line && line.querySelector("a[hx-target='#sheet']");
    if (!link || event.target.closest("a, button, input")) return;
    if (event.target.closest(".pick")) {
      event.target.querySelector("input").click();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (getSelection().isCollapsed) link.click();
  });
  document.addEventListener("keydown", function (event) {
    if (document.querySelector("[popover]:popover-open, dialog[open]")) return;
    if (event.key === "Escape" && open()) close();
    if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    var text = document.getElementById("text");
    if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
    if (event.key === "/" && text) {
      event.preventDefault();
      text.focus();
    }
  });

  function picks() {
    return Array.prototype.slice.call(document.querySelectorAll('input[form=many][name=id]:not(:disabled)'));
  }
  function counted() {
    var count = document.getElementById("picked-count");
    if (!count) return;
    var all = picks();
    var ticked = all.filter(function (pick) { return pick.checked; }).length;
    var text = ticked ? ticked + " selected, updates paused" : "";
    if (count.textContent !== text) count.textContent = text;
    var every = document.getElementById("pick-all");
    every.checked = ticked > 0 && ticked === all.length;
    every.indeterminate = ticked > 0 && ticked < all.length;
  }
  document.addEventListener("change", function (event) {
    if (event.target.id === "pick-all") {
      picks().forEach(function (pick) { pick.checked = event.target.checked; });
    }
    if (event.target.id === "pick-all" || event.target.getAttribute("form") === "many") counted();
  });
  counted();
})();
