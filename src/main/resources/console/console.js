// What pages do in the browser beyond forms and htmx: times in the reader's zone, macros to pick, what stands open while a
// page renews itself, and what was typed kept over a failed save: secrets, which the server never sends back, and all of it
// where no form came back.
(function () {
  "use strict";
  var shown = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

  function times(root) {
    root.querySelectorAll("time[datetime]").forEach(function (time) {
      var at = new Date(time.getAttribute("datetime"));
      if (!isNaN(at)) {
        time.title = time.getAttribute("datetime");
        time.textContent = shown.format(at);
      }
    });
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("button[data-insert]");
    if (!button) return;
    var field = document.getElementById(button.dataset.into);
    if (!field) return;
    field.focus();
    field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      document.querySelectorAll("details.ask[open]").forEach(function (open) {
        open.open = false;
        open.querySelector("summary").focus();
      });
    }
  });

  // who picks a name that is offered by Enter does not mean to save; what is pressed still reaches the list of names
  document.addEventListener("keypress", function (event) {
    if (event.key === "Enter" && event.target.matches("#builder input[list]")) event.preventDefault();
  });

  // a macro has its braces; a path begins where no other goes on, and ends where its last name does
  function written(text) {
    var plain = text.replace(/[.{}]/g, "\\$&");
    return new RegExp(text.charAt(0) === "." ? "(?<![\\w.])" + plain + "(?!\\w)" : plain);
  }
  function marks() {
    document.querySelectorAll("button[data-insert]").forEach(function (button) {
      var field = document.getElementById(button.dataset.into);
      button.classList.toggle("used", !!field && written(button.dataset.insert).test(field.value));
    });
  }
  document.addEventListener("input", function (event) {
    if (document.querySelector('button[data-into="' + CSS.escape(event.target.id) + '"]')) marks();
  });

  var secret = "input[type=password], textarea[data-secret]";
  var typed = {};
  var stood = {};
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (!event.detail.shouldSwap) return;
    event.target.querySelectorAll("details[id]").forEach(function (details) {
      stood[details.id] = details.open;
    });
    event.target.querySelectorAll(secret).forEach(function (field) {
      typed[field.name] = field.value;
    });
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    times(document);
    document.querySelectorAll(secret).forEach(function (field) {
      if (!field.value && typed[field.name]) field.value = typed[field.name];
    });
    Object.keys(stood).forEach(function (id) {
      var details = document.getElementById(id);
      if (details) details.open = stood[id];
    });
    document.querySelectorAll("details:has([aria-invalid=true])").forEach(function (details) {
      details.open = true;
    });
    typed = {};
    stood = {};
  });

  // what can be done changes with the state: whoever was about to do it does not do another thing with the same key
  var inside = null;
  document.addEventListener("htmx:oobBeforeSwap", function (event) {
    var field = event.target.querySelector("textarea");
    if (field && field.value !== field.defaultValue) {
      event.detail.shouldSwap = false; // typed while the answer was under way
      return;
    }
    inside = event.target.contains(document.activeElement) ? event.target.id : null;
  });
  document.addEventListener("htmx:oobAfterSwap", function () {
    if (inside) document.getElementById(inside).focus();
    inside = null;
  });

  // times are typed in the reader's zone and sent in UTC
  function inZone(value) {
    var at = new Date(value + "Z");
    return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, -1);
  }
  document.querySelectorAll("input[data-utc]").forEach(function (field) {
    if (field.value) field.value = inZone(field.value);
  });
  document.querySelectorAll("[data-zone]").forEach(function (zone) {
    zone.textContent = shown.resolvedOptions().timeZone;
  });
  document.addEventListener("formdata", function (event) {
    event.target.querySelectorAll("input[data-utc]").forEach(function (field) {
      if (field.value) event.formData.set(field.name, new Date(field.value).toISOString());
    });
  });

  function undone(form, what) {
    if (form.tagName !== "FORM") return;
    var told = document.getElementById("undone") || document.createElement("p");
    told.id = "undone";
    told.className = "notice bad";
    told.setAttribute("role", "alert");
    told.textContent = what + ". Nothing that you typed is lost.";
    form.prepend(told);
    told.scrollIntoView();
  }
  document.addEventListener("htmx:sendError", function (event) {
    undone(event.detail.elt, "No answer came. It may have been done all the same: look before you send it again");
  });
  document.addEventListener("htmx:responseError", function (event) {
    var problem = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html").querySelector(".empty h1 + p");
    var why = problem ? problem.textContent : "the server answered " + event.detail.xhr.status;
    undone(event.detail.elt, "That did not work: " + why);
  });

  times(document);
})();
