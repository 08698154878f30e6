// A link within another page signs in by itself: previews of links and scanners open it as a top-level page, and use nothing up.
(function () {
  "use strict";
  if (window.top !== window.self) document.getElementById("link").requestSubmit();
})();
