// The log of deliveries: its side panel, and what is selected while it renews itself.
(function () {
  "use strict";
  var opener = null;

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
    var back = opener && document.getElementById(opener);
    if (back) back.focus();
  }

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (event.target.getAttribute("hx-target") === "#sheet") opener = event.target.id;
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    if (event.target.id === "sheet" && open()) {
      var title = sheet().querySelector("h1, h2");
      if (title) title.focus();
      sheet().scrollTop = 0;
    }
    if (event.target.id && event.target.id.indexOf("line-") === 0 && document.activeElement === document.body) {
      var link = document.getElementById(event.target.id.slice(5));
      if (link) link.focus();
    }
    counted();
  });
  document.addEventListener("click", function (event) {
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
  // a click in a line opens it as its link does, except on what has an effect itself
  document.addEventListener("click", function (event) {
    var line = event.target.closest("tr");
    var link = line && line.querySelector("a[hx-target='#sheet']");
    if (!link || event.target.closest("a, button, input, time, .pick, .do, .mono")) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (getSelection().isCollapsed) link.click();
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && open() && !document.querySelector("[popover]:popover-open")) close();
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
