package io.engagementwebhooks.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requests and bytes of the pages. */
class FirstPageTest {

    private static final Logger LOG = LoggerFactory.getLogger(FirstPageTest.class);
    private static final int MOST_BYTES = 60_000;
    private static final int MOST_BYTES_IN_ALL = 100_000;

    @Test
    void the_first_page_is_small_and_loads_nothing_from_elsewhere() {
        try (Stage stage = new Stage();
                Chromium chromium = new Chromium()) {
            Page page = chromium.open(stage.product.url("/"), Chromium.Theme.LIGHT);
            List<Request> requests = new ArrayList<>();
            page.onRequestFinished(requests::add);
            List<Request> asked = new ArrayList<>();
            page.onRequest(asked::add);
            page.navigate("/");
            page.evaluate("() => document.fonts.ready");
            assertTrue(requests.stream().anyMatch(request -> request.url().endsWith(".woff2")), "the font counts");
            int first = tell("the first page", requests);
            assertTrue(first <= MOST_BYTES, first + " bytes");
            requests.clear();
            stage.signIn(page, Stage.ADMIN);
            page.waitForLoadState();
            int signedIn = tell("signing in and the overview", requests);
            assertTrue(first + signedIn <= MOST_BYTES_IN_ALL, first + " and " + signedIn + " bytes");
            requests.clear();
            page.navigate("/console/webhooks");
            tell("a further page", requests);
            AxeTest.PAGES.forEach(page::navigate);
            assertEquals(
                    List.of(),
                    asked.stream()
                            .map(Request::url)
                            .filter(url ->
                                    !url.startsWith(stage.product.url("/").toString()))
                            .toList());
        }
    }

    private static int tell(String what, List<Request> seen) {
        // asking for sizes lets further requests arrive
        List<Request> requests = List.copyOf(seen);
        int bytes = requests.stream()
                .filter(request -> request.response() != null)
                .mapToInt(request -> request.sizes().responseBodySize)
                .sum();
        LOG.info("cost: {}: {} requests, {} bytes of bodies", what, requests.size(), bytes);
        return bytes;
    }
}
