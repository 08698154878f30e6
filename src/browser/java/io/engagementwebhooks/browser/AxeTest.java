package io.engagementwebhooks.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.deque.html.axecore.args.AxeRuleOptions;
import com.deque.html.axecore.args.AxeRunOptions;
import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** axe-core finds no problem on any page, light and dark, on a desktop and on a phone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AxeTest {

    static final List<String> PAGES = List.of(
            "/console/sign-in",
            "/console/overview",
            "/console/webhooks",
            "/console/deliveries",
            "/console/deliveries?webhook=nothing-has-this-name",
            "/console/deliveries?text=archive",
            "/console/deliveries?text=nothing-has-this-text",
            "/console/webhooks?text=calls",
            "/console/webhooks?text=nothing-has-this-name",
            "/console/webhooks/ended-calls-to-crm",
            "/console/webhooks/ended-calls-to-crm?tab=deliveries",
            "/console/webhooks/ended-calls-to-crm?tab=configuration",
            "/console/webhooks/ended-calls-to-crm?tab=signing",
            "/console/deliveries?status=failed",
            "/console/events/received",
            "/console/events/erasures",
            "/console/deliveries/DELIVERY",
            "/console/builder",
            "/console/builder/ended-calls-to-warehouse",
            "/console/settings/oauth-clients",
            "/console/settings/connections",
            "/console/settings/signing-keys",
            "/console/settings/api-keys",
            "/console/settings/portal-links",
            "/console/settings/notifications",
            "/console/settings/notifications/slack",
            "/console/settings/notifications/email",
            "/console/settings/appearance",
            "/console/settings/audit",
            "/console/replays",
            "/console/failures",
            "/console/inboxes",
            "/console/settings/oauth-client",
            "/console/settings/oauth-client/crm",
            "/console/settings/salesforce",
            "/console/settings/contentsquare/insights",
            "/console/settings/api-key",
            "/console/settings/signing-key/k1",
            "/console/settings/event-type",
            "/console/nothing-is-here");

    /** For rules that axe leaves out unless they are asked for. */
    private static final AxeRuleOptions ENABLED = new AxeRuleOptions();

    static {
        ENABLED.setEnabled(true);
    }

    @AutoClose
    private final Stage stage = new Stage();

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    @ParameterizedTest
    @EnumSource
    void axe_finds_nothing_on_any_page(Chromium.Theme look) {
        Page page = chromium.open(stage.product.url("/"), look);
        StringBuilder found = new StringBuilder();
        page.navigate("/console/sign-in");
        check(page, found);
        stage.signIn(page, Stage.ADMIN);
        page.navigate("/console/deliveries");
        String delivery = page.locator("tbody a").first().getAttribute("href");
        for (String path : PAGES) {
            page.navigate(path.replace("/console/deliveries/DELIVERY", delivery));
            checkOpened(page, found);
        }
        Page operators = chromium.signedIn(stage.product, Stage.OPERATOR, look);
        for (String path : List.of("/console/accounts", "/console/accounts/" + stage.product.account("acme"))) {
            operators.navigate(path);
            check(operators, found);
        }
        assertEquals("", found.toString());
    }

    @ParameterizedTest
    @EnumSource
    void axe_finds_nothing_in_results_of_forms(Chromium.Theme look) {
        Page page = chromium.open(stage.product.url("/"), look);
        StringBuilder found = new StringBuilder();
        stage.signIn(page, Stage.ADMIN);
        page.navigate("/console/builder");
        page.locator("#condition-kind-jq").check();
        after(page, page.locator("button.primary[value=save]"), "#faults", found);
        page.navigate("/console/builder");
        page.locator("#to-kamelet").check();
        page.getByLabel("Kafka Sink").check();
        check(page, found);
        after(page, page.locator("button.primary[value=save]"), "#faults", found);
        page.navigate("/console/builder/ended-calls-to-crm");
        after(page, page.locator("#send-test"), "#exchange", found);
        page.navigate("/console/settings/oauth-client");
        page.locator("#authorizationMethod").selectOption("private_key_jwt");
        after(page, page.locator("button.primary[value=save]"), "#faults", found);
        page.navigate("/console/settings/oauth-client/crm");
        after(page, page.locator("button[value=test]"), "#result", found);
        page.navigate("/console/settings/contentsquare/insights");
        after(page, page.locator("button[value=test]"), "#result .badge.fault", found);
        page.navigate("/console/settings/api-key");
        page.locator("#name").fill("seen-" + look);
        after(page, page.locator("button.primary[value=save]"), "#secret", found);
        page.navigate("/console/replays");
        page.locator("#webhook").fill("every-call-to-archive");
        after(page, page.locator("button[value=count]"), "#count", found);
        page.navigate("/console/builder");
        page.route("**/console/builder", Route::abort);
        after(page, page.locator("button.primary[value=save]"), "#undone", found);
        assertEquals("", found.toString());
    }

    /** Checks the result of a button. */
    private static void after(Page page, Locator button, String shown, StringBuilder found) {
        Chromium.settled(page);
        button.click();
        page.locator(shown).waitFor();
        Chromium.settled(page);
        checkOpened(page, found);
    }

    static void checkOpened(Page page, StringBuilder found) {
        Chromium.openDetails(page);
        check(page, found);
    }

    static void check(Page page, StringBuilder found) {
        found.append(violations(page));
    }

    /** The problems that axe-core finds on a page, one per line. */
    static String violations(Page page) {
        // colors are those of the end
        page.evaluate("() => Promise.all(document.getAnimations()"
                + ".filter(moving => moving.effect.getComputedTiming().endTime !== Infinity)"
                + ".map(moving => moving.finished.catch(() => null)))");
        AxeRunOptions options = new AxeRunOptions();
        options.setResultTypes(List.of("violations"));
        options.setRules(Map.of("target-size", ENABLED, "label-content-name-mismatch", ENABLED));
        // there are no frames, whose findings axe would merge in a separate page
        return new AxeBuilder(page)
                .options(options).setLegacyMode(true).analyze().getViolations().stream()
                        .map(violation -> page.url() + " " + violation.getId() + ": "
                                + violation.getNodes().stream()
                                        .limit(3)
                                        .map(node -> node.getHtml() + " "
                                                + node.getFailureSummary().replace('\n', ' '))
                                        .toList()
                                + "\n")
                        .collect(Collectors.joining());
    }
}
