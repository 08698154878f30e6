package io.engagementwebhooks.browser;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ScreenshotType;
import com.microsoft.playwright.options.ViewportSize;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Takes the pictures of the pages; see {@code docs/screenshots.sh}. */
@EnabledIfSystemProperty(named = "screenshots", matches = ".+")
class Screenshots {

    private static final Path TO = Path.of(System.getProperty("screenshots", "target/screenshots"));

    /** Pages shown in window size; others are shown whole. */
    private static final Set<String> WINDOWS = Set.of("deliveries", "building");

    private static final int LOWEST = 560;

    private static final Set<String> PHONE = Set.of("overview", "deliveries");

    /** {@code -Dscreenshots.every=true}: each page on a phone too, and on a screen of 1920 pixels. */
    private static final boolean EVERY = Boolean.getBoolean("screenshots.every");

    @TempDir
    Path folder;

    @Test
    void every_page_is_photographed_in_light_and_dark() {
        try (Gallery gallery = new Gallery(folder);
                Chromium chromium = new Chromium()) {
            for (Chromium.Theme look : Chromium.Theme.values()) {
                Page page = chromium.open(gallery.product.url("/"), look);
                page.navigate("/");
                shoot(page, "sign-in", look);
                page.getByLabel("API key").fill(Gallery.ADMIN);
                page.keyboard().press("Enter");
                page.waitForURL(url -> !url.contains("sign-in"));
                Map<String, String> pages = new LinkedHashMap<>();
                pages.put("overview", "/console/overview");
                pages.put("deliveries", "/console/deliveries");
                pages.put("webhooks", "/console/webhooks");
                pages.put("webhook", "/console/webhooks/ended-calls-to-crm");
                pages.put("webhook-configuration", "/console/webhooks/ended-calls-to-crm?tab=configuration");
                pages.put("webhook-signing", "/console/webhooks/ended-calls-to-crm?tab=signing");
                pages.put("events", "/console/events");
                pages.put("received", "/console/events/received");
                pages.put("notifications", "/console/settings/notifications");
                pages.put("signing-keys", "/console/settings/signing-keys");
                pages.put("api-keys", "/console/settings/api-keys");
                pages.put("portal-links", "/console/settings/portal-links");
                pages.put("audit", "/console/settings/audit");
                pages.put("appearance", "/console/settings/appearance");
                pages.put("settings", "/console/settings/oauth-clients");
                pages.put("replays", "/console/replays");
                pages.put("oauth-client", "/console/settings/oauth-client/crm-at-night");
                pages.put("salesforce", "/console/settings/salesforce");
                pages.put("contentsquare", "/console/settings/contentsquare/insights");
                pages.put("api-key", "/console/settings/api-key");
                pages.put("signing-key", "/console/settings/signing-key/k1");
                PastHour.write(gallery.product.storeFile());
                pages.forEach((name, path) -> {
                    page.navigate(path);
                    shoot(page, name, look);
                });
                page.navigate("/console/builder/ended-calls-to-crm");
                page.locator("#preview pre").waitFor();
                page.locator("#send-test").click();
                page.locator("#exchange").waitFor();
                page.mouse().move(0, 0);
                page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }");
                shoot(page, "builder", look);
                page.evaluate("() => document.getElementById('s-test').parentElement.scrollIntoView()");
                shoot(page, "building", look);
                page.navigate("/console/deliveries?webhook=missed-calls-to-pager&event=call-5");
                page.locator("tbody a").first().click();
                page.waitForURL("**/deliveries/msg_*");
                shoot(page, "delivery", look);
                page.navigate("/console/deliveries?text=pager&eventType=call.missed&state=waiting");
                shoot(page, "search", look);
                page.context().close();
                Page operators = chromium.signedIn(gallery.product, Gallery.OPERATOR, look);
                shoot(operators, "accounts", look);
                operators.context().close();
            }
        }
    }

    private static void shoot(Page page, String name, Chromium.Theme look) {
        String file =
                name + "-" + look.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        boolean phone = look.name().startsWith("PHONE");
        if (phone && !PHONE.contains(name) && !EVERY) {
            return;
        }
        ViewportSize usual = page.viewportSize();
        shoot(page, file, usual.width, phone || WINDOWS.contains(name));
        if (EVERY && !phone) {
            shoot(page, file + "-1920", 1920, WINDOWS.contains(name));
        }
        page.setViewportSize(usual.width, usual.height);
    }

    private static void shoot(Page page, String file, int width, boolean isWindow) {
        if (isWindow) {
            page.setViewportSize(width, page.viewportSize().height);
        } else {
            page.setViewportSize(width, LOWEST);
            int height = (int) page.evaluate("() => document.documentElement.scrollHeight");
            page.setViewportSize(width, height);
        }
        // what the larger window shows is painted
        page.evaluate(
                "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 200))))");
        FewColours.write(
                page.screenshot(new Page.ScreenshotOptions().setType(ScreenshotType.PNG)), TO.resolve(file + ".png"));
    }
}
