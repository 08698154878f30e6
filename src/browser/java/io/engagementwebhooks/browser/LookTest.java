package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.engagementwebhooks.browser.JourneyTest.button;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.BoundingBox;
import io.engagementwebhooks.ledger.BundledFile;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Common parts of all pages: popovers, colors, the font, and updates. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LookTest {

    private static final List<String> WITH_CONFIRMATIONS = List.of(
            "/console/builder/ended-calls-to-crm", "/console/settings/oauth-client/crm-at-night", "/console/webhooks");

    @AutoClose
    private final Stage stage = new Stage();

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    private Page signedIn(int width, int height, String path) {
        Page page = chromium.signedIn(stage.product, Stage.ADMIN, Chromium.Theme.LIGHT);
        page.setViewportSize(width, height);
        page.navigate(path);
        return page;
    }

    @ParameterizedTest
    @CsvSource({"1440, 900", "390, 844"})
    void the_focused_element_is_never_under_the_bar(int width, int height) {
        Page page = signedIn(width, height, "/console/settings/oauth-client/crm-at-night");
        assertThat(page.locator(".bar")).isVisible();
        Chromium.openDetails(page);
        List<String> hidden = new ArrayList<>();
        int seen = 0;
        while (seen < 300 && !"BODY".equals(page.evaluate("() => document.activeElement.tagName")) || seen == 0) {
            page.keyboard().press("Tab");
            seen++;
            Object under =
                    page.evaluate("() => { const bar = document.querySelector('.bar'), at = document.activeElement;"
                            + " if (at === document.body || bar.contains(at)) return null;"
                            + " const box = at.getBoundingClientRect(), top = bar.getBoundingClientRect().top;"
                            + " return box.top >= top && box.height > 0 ? at.id || at.textContent : null; }");
            if (under != null) {
                hidden.add(under.toString());
            }
        }
        assertTrue(seen > 20, seen + " places");
        assertEquals(List.of(), hidden);
    }

    @ParameterizedTest
    @CsvSource({"1440, 900", "390, 844"})
    void a_confirmation_is_wholly_inside_the_window_and_escape_closes_it(int width, int height) {
        int seen = 0;
        for (String path : WITH_CONFIRMATIONS) {
            Page page = signedIn(width, height, path);
            for (Locator dialog : page.locator(".dialog[popover]").all()) {
                Locator opener = page.locator("[popovertarget='" + dialog.getAttribute("id") + "']")
                        .first();
                if (!opener.isVisible()) {
                    continue;
                }
                opener.click();
                dialog.evaluate("d => Promise.all(d.getAnimations().map(moving => moving.finished))");
                BoundingBox box = dialog.boundingBox();
                assertTrue(box.x >= 0 && box.x + box.width <= width, path + " is off at the side");
                assertTrue(box.y >= 0 && box.y + box.height <= height, path + " is off at the bottom");
                assertEquals(true, dialog.evaluate("d => d.contains(document.activeElement)"), "it has the focus");
                page.keyboard().press("Escape");
                assertThat(dialog).isHidden();
                assertEquals(true, opener.evaluate("o => o === document.activeElement"), "the focus is back");
                seen++;
            }
        }
        assertTrue(seen > 0, "no page asks anything");
    }

    @Test
    void colors_are_switched_without_a_script_and_stay() {
        Page page = chromium.withoutScripts(stage.product.url("/"));
        stage.signIn(page, Stage.ADMIN);
        page.navigate("/console/webhooks?text=crm");
        String light = background(page);
        page.getByLabel("Account menu").click();
        // a click waits for frames, which end when the menu stands still and no script runs
        button(page, "Dark").press("Enter");
        assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
        assertThat(page).hasURL(Pattern.compile("/console/webhooks\\?text=crm$"));
        String dark = background(page);
        assertTrue(!light.equals(dark), light);
        page.getByLabel("Account menu").click();
        button(page, "Sign out").press("Enter");
        assertThat(page.getByLabel("API key")).isVisible();
        assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
    }

    /** An installation chooses the accent; WCAG level AA holds for each. */
    @Test
    void text_on_and_in_any_accent_is_readable() {
        Page page = signedIn(1440, 900, "/console/webhooks");
        String rule =
                BundledFile.text("/io/engagementwebhooks/console/accent.css").replaceFirst("(?s)^/\\*.*?\\*/", "");
        assertEquals(List.of(), page.evaluate(CONTRASTS, rule));
    }

    /** Paints the derived colors of many accents, and returns what is hard to read. */
    private static final String CONTRASTS =
            """
            rule => {
              document.styleSheets[0].insertRule(rule, document.styleSheets[0].cssRules.length);
              const root = document.documentElement, probe = document.body.appendChild(document.createElement('i'));
              const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
              const luminance = color => {
                probe.style.color = color;
                canvas.fillStyle = getComputedStyle(probe).color;
                canvas.fillRect(0, 0, 1, 1);
                const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(c => c / 255)
                  .map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
                return .2126 * r + .7152 * g + .0722 * b;
              };
              const hard = [];
              for (const theme of ['light', 'dark']) {
                root.dataset.theme = theme;
                for (let i = 0; i < 512; i++) {
                  const part = shift => Math.round((i >> shift & 7) * 255 / 7).toString(16).padStart(2, '0');
                  const accent = '#' + part(6) + part(3) + part(0);
                  root.style.setProperty('--accent', accent);
                  for (const [text, ground] of [['on-accent', 'accent'], ['link', 'tint'], ['link', 'surface']]) {
                    const [one, other] = [text, ground].map(name => luminance('var(--' + name + ')'));
                    const contrast = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
                    if (contrast < 4.5) hard.push([theme, accent, text, ground, contrast.toFixed(2)].join(' '));
                  }
                }
              }
              return hard;
            }""";

    private static String background(Page page) {
        return (String) page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor");
    }

    @Test
    void the_bundled_font_is_loaded() {
        Page page = signedIn(1440, 900, "/console/webhooks");
        assertEquals(
                true,
                page.evaluate("() => document.fonts.ready.then(fonts => [...fonts]"
                        + ".some(font => font.family === 'Inter' && font.status === 'loaded'))"));
    }

    @Test
    void a_deep_link_keeps_its_query_over_the_sign_in() {
        Page page = chromium.open(stage.product.url("/"), Chromium.Theme.LIGHT);
        page.navigate("/console/deliveries?eventType=call.missed&text=pager");
        page.getByLabel("API key").fill(stage.product.key(Stage.ADMIN));
        page.keyboard().press("Enter");
        page.waitForURL(Pattern.compile("/console/deliveries\\?eventType=call.missed&text=pager$"));
    }

    @Test
    void polling_keeps_the_selection_and_the_open_menu() {
        Page page = signedIn(1440, 900, "/console/overview");
        Chromium.setClock(page);
        page.evaluate("() => getSelection().selectAllChildren(document.querySelector('#live'))");
        Chromium.poll(page);
        Chromium.poll(page);
        assertEquals(false, page.evaluate("() => getSelection().isCollapsed"));
        page.evaluate("() => getSelection().removeAllRanges()");
        page.evaluate("() => { window.before = document.querySelector('#live'); }");
        Chromium.poll(page);
        assertThat(page.locator("#live")).isVisible();
        page.waitForFunction("() => document.querySelector('#live') !== window.before");
    }

    @Test
    void a_lost_connection_shows_the_time_of_the_last_update() {
        Page page = signedIn(1440, 900, "/console/overview");
        assertThat(page.locator("#stale")).isHidden();
        page.context().setOffline(true);
        assertThat(page.locator("#stale")).isVisible();
        assertThat(page.locator("#stale")).containsText(Pattern.compile("Last updated at \\d\\d:\\d\\d\\."));
        page.context().setOffline(false);
        assertThat(page.locator("#stale")).isHidden();
    }
}
