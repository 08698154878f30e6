package io.engagementwebhooks.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Windows of a browser that all tests of this process share: Debian's Chromium, or the one of {@code
 * -Dbrowser.executable}. It ends with the process. As an extension of a test class it adds to a failure what the windows
 * show, and closes them after each test. For one thread.
 */
final class Chromium implements AutoCloseable, AfterEachCallback, TestExecutionExceptionHandler {

    private static final int PATIENCE_MS = 60_000;

    static {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MS);
    }

    private static final Browser BROWSER = Playwright.create(
                    new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")))
            .chromium()
            .launch(new BrowserType.LaunchOptions()
                    .setExecutablePath(Path.of(System.getProperty("browser.executable", "/usr/bin/chromium")))
                    // CI runs as root, for whom there is no sandbox
                    .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage")));

    private final List<BrowserContext> windows = new ArrayList<>();

    /** Theme and size of a window. */
    enum Theme {
        LIGHT(ColorScheme.LIGHT, 1280, 860),
        DARK(ColorScheme.DARK, 1280, 860),
        PHONE_LIGHT(ColorScheme.LIGHT, 390, 844),
        PHONE_DARK(ColorScheme.DARK, 390, 844);

        private final ColorScheme scheme;
        private final int width;
        private final int height;

        Theme(ColorScheme scheme, int width, int height) {
            this.scheme = scheme;
            this.width = width;
            this.height = height;
        }
    }

    /** A separate window without cookies that knows a product's address. */
    Page open(URI base, Theme look) {
        return open(base, look, "Europe/Stockholm");
    }

    /** The same for a user in a time zone. */
    Page open(URI base, Theme look, String zone) {
        BrowserContext context = BROWSER.newContext(new Browser.NewContextOptions()
                .setBaseURL(base.toString())
                .setColorScheme(look.scheme)
                .setTimezoneId(zone)
                .setLocale("en-GB")
                .setViewportSize(look.width, look.height));
        context.setDefaultTimeout(PATIENCE_MS);
        windows.add(context);
        return context.newPage();
    }

    /** A window of a user who is signed in. @param key as in the text of the configuration file */
    Page signedIn(RunningProduct product, String key, Theme look) {
        Page page = open(product.url("/"), look);
        signIn(page, product.key(key));
        return page;
    }

    /** A separate window without scripts. */
    Page withoutScripts(URI base) {
        BrowserContext context = BROWSER.newContext(
                new Browser.NewContextOptions().setBaseURL(base.toString()).setJavaScriptEnabled(false));
        context.setDefaultTimeout(PATIENCE_MS);
        windows.add(context);
        return context.newPage();
    }

    /** Signs in, and returns afterwards. */
    static void signIn(Page page, String key) {
        page.navigate("/console/sign-in");
        page.getByLabel("API key").fill(key);
        page.keyboard().press("Enter");
        page.waitForURL(url -> !url.contains("sign-in"));
    }

    /** Waits until htmx has inserted a response and listens to it: earlier input is lost. */
    static void settled(Page page) {
        PlaywrightAssertions.assertThat(page.locator(".htmx-request, .htmx-swapping, .htmx-settling"))
                .hasCount(0);
    }

    /** Loads a page again, by a clock that {@link #poll} sets. */
    static void setClock(Page page) {
        page.clock().install();
        page.reload();
    }

    /** Sets the clock of a page to the next update, and waits for it. */
    static void poll(Page page) {
        String path = page.url();
        page.waitForResponse(
                response -> response.url().startsWith(path), () -> page.clock().fastForward(10_000));
        settled(page);
    }

    /** Opens all parts of a page that can be closed. */
    static void openDetails(Page page) {
        page.locator("details").evaluateAll("all => all.forEach(details => details.open = true)");
    }

    /** Waits until a page is loaded and painted: then the field with autofocus has the focus. */
    static void arrived(Page page, String url) {
        page.waitForURL(url);
        page.evaluate("() => new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)))");
    }

    @Override
    public void handleTestExecutionException(ExtensionContext test, Throwable failure) {
        String shown = windows.stream()
                .flatMap(window -> window.pages().stream())
                .map(page -> page.url() + "\n"
                        + page.evaluate("(document.querySelector('main') || document.body).innerText"))
                .collect(Collectors.joining("\n"));
        AssertionError withPages = new AssertionError(failure.getMessage() + "\nThe page shows: " + shown, failure);
        withPages.setStackTrace(failure.getStackTrace());
        throw withPages;
    }

    @Override
    public void afterEach(ExtensionContext test) {
        close();
    }

    @Override
    public void close() {
        windows.forEach(BrowserContext::close);
        windows.clear();
    }
}
