// What pages do in the browser beyond links, forms, popovers and htmx. Everything works without it, less comfortably.
(function () {
  "use strict";

  // times: relative to now, in the reader's zone on hover, copied in UTC by a click
  var local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  var zone = local.resolvedOptions().timeZone;
  var MINUTE = 60, HOUR = 3600, DAY = 86400;

  function span(seconds) {
    if (seconds < MINUTE) return seconds + " s";
    if (seconds < HOUR) return Math.floor(seconds / MINUTE) + " min";
    if (seconds < DAY) return Math.floor(seconds / HOUR) + " h";
    var days = Math.floor(seconds / DAY);
    return days + (days === 1 ? " day" : " days");
  }
  function relative(at) {
    var seconds = Math.round((Date.now() - at) / 1000);
    if (Math.abs(seconds) > 7 * DAY) return local.format(at);
    if (Math.abs(seconds) < 3) return "now";
    return seconds > 0 ? span(seconds) + " ago" : "in " + span(-seconds);
  }
  function utc(at) {
    return at.toISOString().replace("T", " ").replace("Z", " UTC");
  }
  function times() {
    document.querySelectorAll("time[datetime]").forEach(function (time) {
      var at = new Date(time.dateTime);
      if (isNaN(at)) return;
      var text = time.dataset.relative === undefined ? local.format(at) : relative(at);
      if (time.textContent !== text) time.textContent = text;
      time.title = local.format(at) + " " + zone + "\n" + utc(at);
    });
    document.querySelectorAll("[data-zone]").forEach(function (name) {
      name.textContent = zone;
    });
  }
  setInterval(times, 5000);

  // times are typed in the reader's zone and sent in UTC
  document.querySelectorAll("input[data-utc]").forEach(function (field) {
    if (!field.value) return;
    var at = new Date(field.value + "Z");
    field.value = new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, -1);
  });
  document.addEventListener("formdata", function (event) {
    event.target.querySelectorAll("input[data-utc]").forEach(function (field) {
      if (field.value) event.formData.set(field.name, new Date(field.value).toISOString());
    });
  });

  // toasts: what was done goes by itself, what failed stays
  function toast(text) {
    var box = document.createElement("div");
    box.className = "toast";
    box.setAttribute("role", "status");
    box.textContent = text;
    document.querySelectorAll("body > .toast").forEach(function (former) { former.remove(); });
    document.body.append(box);
    leave(box, 3000);
  }
  function leave(box, after) {
    setTimeout(function () {
      if (box.matches(":hover, :focus-within")) leave(box, after);
      else box.remove();
    }, after);
  }
  function toasts() {
    document.querySelectorAll("main > .toast:not(.bad)").forEach(function (box) {
      leave(box, 8000);
    });
  }

  function copy(text, done) {
    navigator.clipboard.writeText(text).then(done, function () {
      toast("The browser does not allow copying here. Select the text instead.");
    });
  }

  document.addEventListener("click", function (event) {
    var dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.closest(".toast").remove();

    var button = event.target.closest("[data-copy]");
    if (button) {
      var from = document.querySelector(button.dataset.copy);
      copy("value" in from ? from.value : from.textContent, function () {
        button.classList.add("done");
        toast("Copied");
      });
    }

    var time = event.target.closest("time[data-relative]");
    if (time && !time.closest("a, button, tr:has(a[hx-target='#sheet'])")) {
      copy(time.dateTime, function () {
        toast("Copied " + utc(new Date(time.dateTime)));
      });
    }

    var insert = event.target.closest("button[data-insert]");
    var field = insert && document.getElementById(insert.dataset.into);
    if (field) {
      field.focus();
      field.setRangeText(insert.dataset.insert, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });

  // a form is sent once: its button is busy until the response comes
  document.addEventListener("submit", function (event) {
    var button = event.submitter;
    if (!button || event.target.getAttribute("method") !== "post") return;
    if (button.matches(".hidden")) button = event.target.querySelector('.primary[value="' + button.value + '"]') || button;
    if (button.getAttribute("aria-busy")) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (!event.defaultPrevented) {
      button.setAttribute("aria-busy", "true");
    }
  }, true);
  function idle() {
    document.querySelectorAll("button[aria-busy]").forEach(function (button) { button.removeAttribute("aria-busy"); });
  }
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.detail.elt.tagName === "FORM" && !event.detail.xhr.getResponseHeader("HX-Redirect")) idle();
  });
  addEventListener("pageshow", idle);

  // menus stand at their buttons; on a phone the style sheet puts them at the bottom
  document.addEventListener("toggle", function (event) {
    var menu = event.target;
    if (event.newState !== "open" || !menu.matches(".menu-items") || matchMedia("(max-width: 44rem)").matches) return;
    var button = document.querySelector('[popovertarget="' + CSS.escape(menu.id) + '"]').getBoundingClientRect();
    var width = document.documentElement.clientWidth; // without a scroll bar
    menu.classList.add("placed");
    var below = button.bottom + 4;
    var above = button.top - 4 - menu.offsetHeight;
    menu.style.top = Math.max(8, below + menu.offsetHeight > innerHeight && above > 0 ? above : below) + "px";
    menu.style.left = Math.max(8, button.left + menu.offsetWidth > width - 8 ? Math.min(button.right, width - 8) - menu.offsetWidth : button.left) + "px";
  }, true);

  // a dialog that a menu opened gives the focus back to it: browsers do so for the first popover only
  document.addEventListener("toggle", function (event) {
    var dialog = event.target;
    if (event.newState !== "closed" || !dialog.matches(".dialog[popover]")) return;
    if (document.activeElement !== document.body && !dialog.contains(document.activeElement)) return;
    document.querySelector('[popovertarget="' + CSS.escape(dialog.id) + '"]').focus();
  }, true);

  // Enter takes a name that is offered; it does not save
  document.addEventListener("keypress", function (event) {
    if (event.key === "Enter" && event.target.matches("#builder input[list]")) event.preventDefault();
  });

  // a macro has its braces; a path begins where no other goes on, and ends where its last name does
  function written(text) {
    var plain = text.replace(/[.{}]/g, "\\$&");
    return new RegExp(text.charAt(0) === "." ? "(?<![\\w.])" + plain + "(?!\\w)" : plain);
  }
  document.addEventListener("input", function (event) {
    document.querySelectorAll('button[data-into="' + CSS.escape(event.target.id) + '"]').forEach(function (button) {
      button.classList.toggle("used", written(button.dataset.insert).test(event.target.value));
    });
  });

  // A page that renews itself leaves alone what is selected, ticked or open, keeps the focus and what is unfolded;
  // and it says when it cannot.
  var stale = document.getElementById("stale");
  var good = new Date();
  var kept = null;

  function renews(element) {
    return /every/.test(element.getAttribute("hx-trigger") || "");
  }
  function isBusy(part) {
    var selection = getSelection();
    return !!part.querySelector(":popover-open, input:checked") || !selection.isCollapsed && selection.containsNode(part, true);
  }
  function sameAs(element) {
    return function (other) {
      return ["href", "name", "value", "aria-label"].every(function (name) {
        return other.getAttribute(name) === element.getAttribute(name);
      }) && other.textContent === element.textContent;
    };
  }
  function renew() {
    document.querySelectorAll('[hx-trigger*="every"]').forEach(function (part) {
      htmx.ajax("GET", part.getAttribute("hx-get"), {
        source: part, target: part, select: part.getAttribute("hx-select"), swap: "outerHTML"
      });
    });
  }
  function lost() {
    if (!stale || !document.querySelector('[hx-trigger*="every"]')) return;
    stale.querySelector("time").textContent = good.toLocaleTimeString(undefined, { timeStyle: "short" });
    stale.hidden = false;
  }
  if (stale) stale.querySelector("button").addEventListener("click", renew);
  addEventListener("offline", lost);
  addEventListener("online", renew);

  var SECRET = "input[type=password], textarea[data-secret]";
  document.addEventListener("htmx:beforeSwap", function (event) {
    var part = event.target;
    if (!event.detail.shouldSwap) return;
    if (renews(event.detail.elt)) {
      good = new Date();
      stale.hidden = true;
      if (isBusy(part)) {
        event.detail.shouldSwap = false;
        return;
      }
    }
    kept = { focus: null, typed: {}, open: {} };
    var focus = document.activeElement;
    if (part.contains(focus) && !focus.id) kept.focus = { tag: focus.tagName, same: sameAs(focus) };
    part.querySelectorAll("details[id]").forEach(function (details) {
      kept.open[details.id] = details.open;
    });
    part.querySelectorAll(SECRET).forEach(function (field) {
      kept.typed[field.name] = field.value;
    });
  });
  document.addEventListener("htmx:afterSwap", function () {
    times();
    if (!kept) return;
    var was = kept;
    kept = null;
    if (was.focus && document.activeElement === document.body) {
      var again = Array.from(document.querySelectorAll(was.focus.tag)).find(was.focus.same);
      if (again) again.focus({ preventScroll: true });
    }
    document.querySelectorAll(SECRET).forEach(function (field) {
      if (!field.value && was.typed[field.name]) field.value = was.typed[field.name];
    });
    Object.keys(was.open).forEach(function (id) {
      var details = document.getElementById(id);
      if (details) details.open = was.open[id];
    });
    document.querySelectorAll("details:has([aria-invalid=true])").forEach(function (details) {
      details.open = true;
    });
  });
  document.addEventListener("htmx:afterSettle", toasts);

  // what can be done changes with the state: the focus does not go to another button of the same place
  var inside = null;
  document.addEventListener("htmx:oobBeforeSwap", function (event) {
    var field = event.target.querySelector("textarea");
    var typing = event.target.id === "lines" && event.target.contains(document.activeElement);
    if (typing || field && field.value !== field.defaultValue) {
      event.detail.shouldSwap = false; // typed before the response came
      return;
    }
    inside = event.target.contains(document.activeElement) ? event.target.id : null;
  });
  document.addEventListener("htmx:oobAfterSwap", function () {
    if (inside) document.getElementById(inside).focus();
    inside = null;
  });

  // a form that got no page back keeps what was typed
  function failed(element, what) {
    if (renews(element)) lost();
    if (element.tagName !== "FORM") return;
    var box = document.getElementById("undone") || document.createElement("p");
    box.id = "undone";
    box.className = "notice bad";
    box.setAttribute("role", "alert");
    box.textContent = what + ". Your input is kept.";
    element.prepend(box);
    box.scrollIntoView({ block: "center" });
  }
  document.addEventListener("htmx:sendError", function (event) {
    failed(event.detail.elt, "No response. It may have been saved: check before you send it again");
  });
  document.addEventListener("htmx:responseError", function (event) {
    if (event.detail.xhr.status === 401) {
      // also after another account has signed in in another tab
      if (event.detail.elt.tagName === "FORM" || !refused) signInAgain();
      else lost();
      return;
    }
    var problem = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html").querySelector(".empty h1 + p");
    failed(event.detail.elt, "Not done: " + (problem ? problem.textContent : "the server answered " + event.detail.xhr.status));
  });

  // A session that has ended is renewed in a dialog: the page keeps what was typed, and its forms get the new token.
  var SIGN_IN = "/console/sign-in";
  var refused = false;
  var hosted = document.querySelector("[data-host]");
  var host = parent !== window && hosted ? hosted.dataset.host : null;

  function account(page) {
    var name = page.querySelector(".who-button b");
    return name && name.textContent;
  }
  function load(address, fields, fault) {
    return fetch(address, fields && { method: "POST", body: new URLSearchParams(fields) }).then(function (answer) {
      if (answer.status >= 500) throw answer;
      return answer.text();
    }).then(function (html) {
      var page = new DOMParser().parseFromString(html, "text/html");
      var token = page.querySelector("input[name=_token]");
      if (!token) ask(page.querySelector(".card"), fault);
      else if (!account(document)) location.reload();
      else if (account(page) !== account(document)) {
        load(SIGN_IN + "?then=" + encodeURIComponent(location.pathname + location.search), null,
          "This page is of another account: sign in with a key of " + account(document).trim() + ".");
      } else resumed(token.value);
    }).catch(function () {
      idle();
      toast("No response. Your input is kept.");
    });
  }
  function resumed(token) {
    var dialog = document.getElementById("sign-in");
    if (dialog) dialog.close("done");
    idle();
    document.querySelectorAll("input[name=_token]").forEach(function (field) { field.value = token; });
    toast("Signed in. Send the form again.");
  }
  function ask(card, fault) {
    var dialog = document.getElementById("sign-in");
    if (!dialog) {
      dialog = document.createElement("dialog");
      dialog.id = "sign-in";
      dialog.className = "dialog";
      dialog.setAttribute("aria-labelledby", "sign-in-title");
      dialog.addEventListener("close", function () {
        refused = dialog.returnValue !== "done";
        dialog.remove();
      });
      document.body.append(dialog);
      // once: a link whose cookie the browser does not keep would lead here again
      post({ webhooks: "renew" });
    }
    var title = card.querySelector("h1");
    title.id = "sign-in-title";
    title.textContent = "Your session has ended";
    title.nextElementSibling.textContent = fault || "Sign in to continue. Your input is kept.";
    card.querySelectorAll(".banner").forEach(function (banner) { banner.remove(); });
    if (!host) card.querySelectorAll("a").forEach(function (link) { link.target = "_blank"; });
    var later = document.createElement("button");
    later.type = "button";
    later.textContent = "Not now";
    later.addEventListener("click", function () { dialog.close(); });
    card.append(later);
    card.addEventListener("submit", function (event) {
      event.preventDefault();
      load(card.action, new FormData(card));
    });
    dialog.replaceChildren(card);
    if (!dialog.open) dialog.showModal();
  }
  var asking = false;
  function signInAgain() {
    if (asking || document.getElementById("sign-in")) return;
    asking = true;
    load(location.href).then(function () { asking = false; });
  }

  // a framed page posts its height to the product around it, which may send the link of a new session
  function post(message) {
    if (host) parent.postMessage(message, host);
  }
  if (host) {
    var size = new ResizeObserver(function (all) {
      post({ webhooks: "height", height: Math.ceil(all[0].target.getBoundingClientRect().bottom + scrollY) });
    });
    var watch = function () {
      size.disconnect();
      size.observe(document.querySelector("main"));
    };
    watch();
    document.addEventListener("htmx:afterSwap", watch);
    addEventListener("message", function (event) {
      if (event.origin !== host || event.source !== parent || !event.data || event.data.webhooks !== "link") return;
      var link = new URL(event.data.url);
      if (link.origin === location.origin && link.pathname === SIGN_IN + "/link") {
        load(link.pathname, { token: link.searchParams.get("token"), then: location.pathname + location.search });
      }
    });
    if (!account(document)) post({ webhooks: "renew" });
  }

  times();
  toasts();
})();
