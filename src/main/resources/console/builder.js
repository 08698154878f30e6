// The Engagement Builder: a draft without secrets that survives a reload, event types to search, and the side sheet.
(function () {
  "use strict";
  var secret = "input[type=password], textarea[data-secret]";
  var mayHoldSecrets = ["headers", "signing-keys"];

  function builder() {
    return document.querySelector("form#builder[data-draft]");
  }
  function key() {
    return "draft:" + builder().dataset.draft + ":" + location.pathname + location.search;
  }
  // all that the form would send, without secrets and what is of this page alone
  function fields(form) {
    var hidden = Array.from(form.querySelectorAll(secret), function (field) { return field.name; });
    return Array.from(new FormData(form)).filter(function (field) {
      return field[0] !== "_token" && field[0] !== "recent" && field[0] !== "offered" && mayHoldSecrets.indexOf(field[0]) < 0 && hidden.indexOf(field[0]) < 0;
    });
  }
  function kept() {
    try {
      return sessionStorage.getItem(key());
    } catch (e) {
      return null;
    }
  }
  function keep(value) {
    try {
      if (value === null) sessionStorage.removeItem(key());
      else sessionStorage.setItem(key(), value);
    } catch (e) {
      // the browser keeps nothing: what is typed lives as long as the page
    }
  }
  function changed() {
    var form = builder();
    if (form) keep(JSON.stringify(fields(form)));
  }
  document.addEventListener("input", function (event) {
    if (event.target.closest("form#builder")) changed();
  });
  document.addEventListener("change", function (event) {
    if (event.target.closest("form#builder")) changed();
  });
  // another destination has another connection, and no result of a test yet
  document.addEventListener("change", function (event) {
    if (event.target.name !== "to" || !event.target.closest("form#builder")) return;
    var connection = document.getElementById("connection");
    var result = document.getElementById("exchange");
    if (connection) connection.value = "";
    if (result) result.remove();
  }, true);
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target.id === "main") changed();
  });

  // what was saved is no draft any more
  document.addEventListener("htmx:beforeOnLoad", function (event) {
    var answer = event.detail.xhr;
    if (event.detail.elt.id === "builder" && (answer.getResponseHeader("HX-Redirect") || answer.getResponseHeader("HX-Trigger"))) {
      keep(null);
    }
  });

  function restore() {
    var form = builder();
    var draft = form && kept();
    if (!draft || draft === JSON.stringify(fields(form))) return;
    form.inert = true; // what is typed now would be lost
    var values = { do: "restore", _token: form.elements._token.value };
    JSON.parse(draft).forEach(function (field) {
      (values[field[0]] = values[field[0]] || []).push(field[1]);
    });
    htmx.ajax("POST", form.getAttribute("action"), { target: "#main", select: "#main", swap: "outerHTML", values: values }).then(function () {
      var restored = document.createElement("p");
      restored.id = "draft-restored";
      restored.className = "notice info row";
      restored.setAttribute("role", "status");
      restored.append("Your draft was restored, without passwords, keys and headers. ");
      var discard = document.createElement("button");
      discard.type = "button";
      discard.className = "small-button";
      discard.textContent = "Discard the draft";
      discard.addEventListener("click", function () {
        keep(null);
        location.reload();
      });
      restored.append(discard);
      builder().before(restored);
    }).finally(function () { form.inert = false; });
  }

  // a rule offers the comparisons that suit its field; a stored one stays until another field is chosen
  function suit(line, another) {
    var kind = line.querySelector("select[name=field]").value.split(" ")[1];
    var list = line.querySelector("select[name=comparison]");
    Array.from(list.options).forEach(function (one) {
      one.hidden = one.disabled = one.dataset.kinds.split(" ").indexOf(kind) < 0 && (another || !one.selected);
    });
    if (another && list.selectedOptions[0].disabled) list.value = list.querySelector("option:enabled").value;
  }
  function suitAll() {
    document.querySelectorAll(".line").forEach(function (line) { suit(line, false); });
  }
  document.addEventListener("change", function (event) {
    if (event.target.matches(".line select[name=field]")) suit(event.target.closest(".line"), true);
  }, true);
  document.addEventListener("htmx:afterSwap", suitAll);
  document.addEventListener("htmx:oobAfterSwap", suitAll);
  suitAll();

  // a search in a list: what does not have the words is hidden, and a group without any
  document.addEventListener("input", function (event) {
    var list = event.target.dataset.filters && document.getElementById(event.target.dataset.filters);
    if (!list) return;
    var words = event.target.value.toLowerCase().split(/\s+/);
    list.querySelectorAll("[data-search]").forEach(function (one) {
      var text = one.dataset.search.toLowerCase();
      one.hidden = !words.every(function (word) { return text.indexOf(word) >= 0; });
    });
    list.querySelectorAll(".group").forEach(function (group) {
      group.hidden = !group.querySelector("[data-search]:not([hidden])");
    });
    list.querySelector(".none-found").hidden = !!list.querySelector("[data-search]:not([hidden])");
  });
  document.addEventListener("click", function (event) {
    var field = document.getElementById(event.target.dataset.clear);
    if (!field) return;
    field.value = "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });

  document.addEventListener("change", function (event) {
    if (event.target.id === "recent" && event.target.value) document.getElementById("take-recent").click();
  });

  // the side sheet gives the focus back to what opened it
  var opener = null;
  function sheet() {
    return document.querySelector("#credential-sheet .sheet");
  }
  function close(focus) {
    document.getElementById("credential-sheet").replaceChildren();
    document.querySelectorAll(".shell > header, #builder").forEach(function (part) { part.inert = false; });
    var to = focus || (opener && document.getElementById(opener));
    if (to) to.focus();
    opener = null;
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("button[id^=new-]");
    if (button) opener = button.id;
    if (event.target.closest("#credential-sheet #close-sheet, #credential-sheet [data-close]")) {
      event.preventDefault();
      close();
    }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && sheet()) close();
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    if (event.detail.target.id !== "credential-sheet") return;
    var made = document.querySelector("#credential-sheet [data-made]");
    if (made) {
      var picker = document.getElementById(made.dataset.made);
      close(picker);
      picker.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (sheet()) {
      document.querySelectorAll(".shell > header, #builder").forEach(function (part) { part.inert = true; });
      var first = sheet().querySelector("[aria-invalid=true], #new-name");
      if (first) first.focus();
    }
  });

  restore();
})();
