package io.engagementwebhooks.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scripts that users type, that events bring and that receivers answer are text on every page. */
class StoredScriptTest {

    private static final String ADMIN = "acme-admin-key-with-scripts";
    private static final String OPERATOR = "operator-key-with-scripts";
    private static final String OPERATORS = "/console/accounts/acme";

    /** What breaks out of a text and of an attribute, leaving elements that can be found; names may hold no slash. */
    private static final String TYPED =
            "\"'><img class=planted src=x onerror=document.title=1><script class=planted>document.title=2<script>";

    @TempDir
    Path folder;

    @Test
    void what_was_planted_everywhere_is_text_everywhere() {
        Receiver receiver = new Receiver(got -> new Receiver.Reply(
                500, Map.of("X-Planted", "<img class=planted src=x onerror=document.title=1>"), TYPED));
        try (RunningProduct product = RunningProduct.start(folder, setUp(), "webhooks.operator-key=" + OPERATOR);
                Chromium chromium = new Chromium();
                receiver) {
            plant(product, receiver);
            Page page = chromium.open(product.url("/"), Chromium.Look.LIGHT);
            List<String> dialogs = new ArrayList<>();
            page.onDialog(dialog -> {
                dialogs.add(dialog.message());
                dialog.dismiss();
            });
            List<String> seen = new ArrayList<>();
            int shown = 0;
            Chromium.signIn(page, ADMIN);
            String delivery = product.read("/v1/deliveries", ADMIN)
                    .path("items")
                    .path(0)
                    .path("id")
                    .asText();
            for (String path : List.of(
                    "/console/overview",
                    "/console/webhooks",
                    "/console/builder/" + encoded("w" + TYPED),
                    "/console/deliveries",
                    "/console/deliveries?webhook=" + encoded(TYPED) + "&event=" + encoded(TYPED),
                    "/console/deliveries?outcome=" + encoded(TYPED),
                    "/console/deliveries/" + delivery,
                    "/console/replays?webhook=" + encoded(TYPED),
                    "/console/settings",
                    "/console/settings/oauth-client/" + encoded("c" + TYPED),
                    "/console/settings/api-key/" + encoded("k" + TYPED),
                    "/console/settings/salesforce/" + encoded("s" + TYPED),
                    "/console/settings/contentsquare/" + encoded("n" + TYPED),
                    "/console/builder/" + encoded("s" + TYPED),
                    "/console/" + encoded(TYPED),
                    "/console/sign-in?then=" + encoded(TYPED),
                    OPERATORS)) {
                if (path.equals(OPERATORS)) {
                    Chromium.signIn(page, OPERATOR);
                }
                page.navigate(path);
                if (page.locator("#preview").count() > 0) {
                    page.locator("#preview pre").waitFor();
                    page.locator("#send-test").all().forEach(button -> {
                        button.click();
                        page.locator("#exchange").waitFor();
                    });
                }
                shown += page.content().contains("onerror=document") ? 1 : 0;
                if (page.locator(".planted").count() > 0 || page.title().matches("\\d")) {
                    seen.add(path);
                }
            }
            assertEquals(List.of(), seen);
            assertEquals(List.of(), dialogs);
            assertTrue(shown >= 14, "only " + shown + " pages show what was planted");
        }
    }

    private static String setUp() {
        return "accounts:\n  - id: acme\n    apiKeys: [{name: anna, role: admin, key: " + ADMIN + "}]\n";
    }

    private static void plant(RunningProduct product, Receiver receiver) {
        made(product.post(
                "/v1/oauth-clients",
                ADMIN,
                "application/json",
                "{\"name\": %s, \"clientId\": %s, \"clientSecret\": \"x\", \"scope\": %s, \"authenticationEndpoint\": \"%s\"}"
                        .formatted(json("c"), json(""), json(""), receiver.url().resolve("/"))));
        made(product.post(
                "/v1/api-keys", ADMIN, "application/json", "{\"name\": %s, \"role\": \"read\"}".formatted(json("k"))));
        made(product.post(
                "/v1/webhooks",
                ADMIN,
                "application/json",
                """
                {"name": %s, "events": ["call.ended", %s], "condition": %s, "retry": ["1h"],
                 "delivery": {"url": "%s", "body": %s, "headers": {"X-Own": %s},
                              "authentication": {"type": "header", "user": %s, "password": "x"}}}"""
                        .formatted(
                                json("w"),
                                json("t").replace(" ", ""),
                                json(".data.x != \\\"", "\\\""),
                                receiver.url(),
                                "\"{\\\"a\\\": \\\"{x}\\\"}\"",
                                json("x"),
                                json("u").replace(":", ""))));
        made(product.post(
                "/v1/connections",
                ADMIN,
                "application/json",
                """
                {"name": %s, "type": "salesforce", "loginUrl": "https://planted.my.salesforce.com", "clientId": %s,
                 "clientSecret": "x", "apiVersion": "62.0"}"""
                        .formatted(json("s"), json(""))));
        made(product.post(
                "/v1/connections",
                ADMIN,
                "application/json",
                """
                {"name": %s, "type": "contentsquare", "clientId": %s, "clientSecret": "x", "scope": %s,
                 "integrationVersion": 1, "schema": [{"name": "answered", "type": "BOOL", "optional": true}]}"""
                        .formatted(json("n"), json(""), json(""))));
        made(product.post(
                "/v1/webhooks",
                ADMIN,
                "application/json",
                """
                {"name": %s, "events": ["call.never"], "delivery": {
                   "authentication": {"type": "salesforce", "connection": %s},
                   "salesforce": {"object": "Task", "fields": {"Subject": %s}}}}"""
                        .formatted(json("s"), json("s"), json(""))));
        made(product.post("/v1/replays", ADMIN, "application/json", "{\"webhook\": %s}".formatted(json("w"))));
        made(product.postEvent(
                ADMIN,
                "{\"id\": %s, \"source\": %s, \"type\": \"call.ended\", \"subject\": %s, \"data\": {\"x\": %s}}"
                        .formatted(json("e"), json("s"), json("u"), json("d"))));
        product.awaitDeliveries(ADMIN, "e" + TYPED, 1, "waiting");
    }

    private static void made(HttpResponse<String> answer) {
        if (answer.statusCode() / 100 != 2) {
            throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
    }

    private static String json(String before) {
        return "\"" + before + TYPED.replace("\"", "\\\"") + "\"";
    }

    /** The same inside a text of jq. */
    private static String json(String before, String after) {
        return "\"" + before + TYPED.replace("\"", "") + after + "\"";
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
