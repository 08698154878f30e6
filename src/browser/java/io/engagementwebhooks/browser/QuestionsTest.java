package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.engagementwebhooks.browser.JourneyTest.button;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An action that cannot be undone asks for a confirmation; dismissing it changes nothing. */
class QuestionsTest {

    private static final String ADMIN = "acme-admin-key-of-questions";
    private static final String ACCOUNT =
            "accounts:\n  - id: acme\n    apiKeys: [{name: anna, role: admin, key: " + ADMIN + "}]\n";

    /** Replayed one per second, they last longer than the test. */
    private static final int MANY = 600;

    @TempDir
    Path folder;

    private final Receiver receiver =
            new Receiver(got -> new Receiver.Reply(got.target().getPath().equals("/good") ? 200 : 500));
    private RunningProduct product;

    /**
     * A confirmation on a page.
     *
     * @param path the page
     * @param opens the buttons that open it, in order: that of a menu, and that of the confirmation
     * @param answer the confirming button
     * @param state of the resource
     * @param done the state after the action
     */
    private record Question(String path, List<String> opens, String answer, Supplier<String> state, String done) {}

    @Test
    void a_dismissed_confirmation_changes_nothing_and_a_confirmed_one_acts() {
        try (receiver;
                RunningProduct started = RunningProduct.start(folder, ACCOUNT + ofYore());
                Chromium chromium = new Chromium()) {
            product = started;
            config();
            Page page = chromium.signedIn(product, ADMIN, Chromium.Theme.LIGHT);
            List<Question> questions = questions();
            String before = states(questions);
            int changes = changes();
            for (Question question : questions) {
                page.navigate(question.path());
                assertThat(page.locator("button.danger:not([popover] *, [popovertarget])"))
                        .hasCount(0);
                Locator opener = open(page, question);
                assertThat(answer(page, question)).isInViewport();
                page.keyboard().press("Escape");
                assertThat(answer(page, question)).isHidden();
                assertThat(opener).isFocused();
            }
            assertEquals(before, states(questions));
            assertEquals(changes, changes(), "nothing stands in the audit log");

            for (Question question : questions) {
                page.navigate(question.path());
                open(page, question);
                answer(page, question).click();
                page.locator(".toast, #secret, #delivery .notice").waitFor();
                await(question.path() + " " + question.opens())
                        .until(() -> question.state().get().equals(question.done()));
            }
        }
    }

    private List<Question> questions() {
        return List.of(
                new Question("/console/replays", List.of("Cancel…"), "Cancel replay", this::replay, "canceled"),
                setting("/console/settings/oauth-client/crm", "oauth-clients/crm"),
                setting("/console/settings/salesforce/sales", "connections/sales"),
                setting("/console/settings/contentsquare/insights", "connections/insights"),
                setting("/console/settings/api-key/pbx", "api-keys/pbx"),
                new Question(
                        "/console/settings/signing-key/k1",
                        List.of("Rotate…"),
                        "Create the new key",
                        () -> product.read("/v1/signing-keys", ADMIN)
                                        .path("items")
                                        .size() + " keys",
                        "2 keys"),
                setting("/console/settings/signing-key/k1", "signing-keys/k1"),
                delivery("/console/deliveries/" + only("once"), List.of("Cancel…"), "Cancel delivery", "once"),
                delivery("/console/webhooks", List.of("Actions for late", "Discard 1 delivery…"), "Discard", "late"),
                delivery("/console/webhooks", List.of("Discard… deliveries of of-yore"), "Discard", "of-yore"),
                webhook("/console/webhooks", List.of("Actions for once", "Delete…"), "once"),
                webhook("/console/webhooks/late", List.of("Actions for late", "Delete…"), "late"),
                webhook("/console/builder/crm", List.of("Delete…"), "crm"));
    }

    private Question setting(String path, String resource) {
        return removal(path, List.of("Delete…"), "Delete", resource);
    }

    private Question webhook(String path, List<String> opens, String name) {
        return removal(path, opens, "Delete", "webhooks/" + name);
    }

    private Question removal(String path, List<String> opens, String answer, String resource) {
        return new Question(
                path,
                opens,
                answer,
                () -> Integer.toString(product.get("/v1/" + resource, ADMIN).statusCode()),
                "404");
    }

    /** The confirmation of discarding the only delivery of a webhook. */
    private Question delivery(String path, List<String> opens, String answer, String webhook) {
        String id = only(webhook);
        return new Question(
                path,
                opens,
                answer,
                () -> product.read("/v1/deliveries/" + id, ADMIN).path("status").asText(),
                "canceled");
    }

    /** The id of the only delivery of a webhook. */
    private String only(String webhook) {
        JsonNode items =
                product.read("/v1/deliveries?webhook=" + webhook, ADMIN).path("items");
        assertEquals(1, items.size(), webhook);
        return items.get(0).path("id").asText();
    }

    private String replay() {
        return product.read("/v1/replays", ADMIN)
                .path("items")
                .path(0)
                .path("state")
                .asText();
    }

    /** Opens a confirmation. @return the button that opened it */
    private static Locator open(Page page, Question question) {
        Locator opener = null;
        for (String name : question.opens()) {
            opener = button(page, name);
            opener.click();
        }
        return opener;
    }

    private static Locator answer(Page page, Question question) {
        return page.getByRole(AriaRole.DIALOG)
                .getByRole(
                        AriaRole.BUTTON,
                        new Locator.GetByRoleOptions()
                                .setName(question.answer())
                                .setExact(true));
    }

    private static String states(List<Question> questions) {
        return questions.stream()
                .map(question -> question.path() + " " + question.opens() + " "
                        + question.state().get())
                .collect(Collectors.joining("\n"));
    }

    private int changes() {
        return product.read("/v1/audit?limit=200", ADMIN).path("items").size();
    }

    private String ofYore() {
        return "    webhooks: [{name: of-yore, events: [call.ended], retry: [1h], delivery: {url: \""
                + receiver.url().resolve("/broken") + "\", authentication: {type: none}}}]\n";
    }

    private void config() {
        made(
                "oauth-clients",
                """
                {"name": "crm", "clientId": "a", "clientSecret": "s", "authenticationEndpoint": "https://auth.example.com"}""");
        made(
                "connections",
                """
                {"name": "sales", "type": "salesforce", "loginUrl": "https://acme.my.salesforce.com", "clientId": "a",
                 "clientSecret": "s"}""");
        made(
                "connections",
                """
                {"name": "insights", "type": "contentsquare", "clientId": "a", "clientSecret": "s",
                 "integrationVersion": 1, "schema": [{"name": "call_duration", "type": "INT"}]}""");
        made("api-keys", "{\"name\": \"pbx\", \"role\": \"ingest\"}");
        made("signing-keys", "{\"id\": \"k1\"}");
        webhook("crm", "call.never", "good");
        webhook("late", "call.ended", "broken");
        webhook("once", "call.ended", "broken");
        webhook("archive", "call.missed", "good");
        product.postEvent(ADMIN, event("1", "call.ended"));
        await().until(() -> product.read("/v1/deliveries?event=1", ADMIN)
                .findValuesAsText("outcome")
                .equals(List.of("try-later", "try-later", "try-later")));
        product.config(ACCOUNT);
        await().until(() -> product.get("/v1/webhooks/of-yore", ADMIN).statusCode() == 404);
        String events = IntStream.range(0, MANY)
                .mapToObj(i -> event("many-" + i, "call.missed"))
                .collect(Collectors.joining(",", "[", "]"));
        assertEquals(
                202,
                product.post("/v1/events", ADMIN, "application/cloudevents-batch+json", events)
                        .statusCode());
        await().until(() -> replayed("\"dryRun\": true").path("matched").asInt() == MANY);
        replayed("\"perSecond\": 1");
    }

    private JsonNode replayed(String how) {
        HttpResponse<String> answer = product.post(
                "/v1/replays",
                ADMIN,
                "application/json",
                "{\"webhook\": \"archive\", \"outcome\": \"delivered\", " + how + "}");
        assertEquals(2, answer.statusCode() / 100, answer.body());
        return RunningProduct.json(answer);
    }

    private void webhook(String name, String event, String receives) {
        made(
                "webhooks",
                """
                {"name": "%s", "events": ["%s"], "retry": ["1h"],
                 "delivery": {"url": "%s", "authentication": {"type": "none"}}}"""
                        .formatted(name, event, receiver.url().resolve("/" + receives)));
    }

    private void made(String list, String definition) {
        HttpResponse<String> answer = product.post("/v1/" + list, ADMIN, "application/json", definition);
        assertEquals(201, answer.statusCode(), answer.body());
    }

    private static String event(String id, String type) {
        return "{\"specversion\": \"1.0\", \"id\": \"" + id + "\", \"source\": \"/calls\", \"type\": \"" + type
                + "\", \"data\": {\"duration\": 5}}";
    }
}
