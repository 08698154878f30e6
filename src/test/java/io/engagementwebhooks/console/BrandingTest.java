package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An installation's own name, logo and color. */
class BrandingTest {

    private static final String LOGO = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";

    @Test
    void pages_have_the_name_the_logo_and_the_color_and_the_logo_runs_nothing(@TempDir Path folder) throws Exception {
        Path logo = Files.writeString(folder.resolve("logo.svg"), LOGO);
        try (RunningProduct product = RunningProduct.start(
                folder,
                "accounts:\n  - {id: acme, apiKeys: [{name: anna, role: admin, key: acme-admin-key-000001}]}\n",
                "webhooks.console.name=Acme & Co. Calls",
                "webhooks.console.logo=" + logo,
                "webhooks.console.color=#ffcc00")) {
            String page = product.get("/console/sign-in", null).body();
            assertTrue(page.contains("<title>Sign in · Acme &amp; Co. Calls</title>"), page);
            HttpResponse<String> picture = product.get(path(page, "logo-", ".svg"), null);
            assertEquals(LOGO, picture.body());
            assertEquals(
                    "image/svg+xml",
                    picture.headers().firstValue("Content-Type").orElseThrow());
            String policy =
                    picture.headers().firstValue("Content-Security-Policy").orElseThrow();
            assertTrue(policy.contains("default-src 'none'") && policy.contains("sandbox"), policy);
            String style = product.get(path(page, "console-", ".css"), null).body();
            assertTrue(style.contains("--accent: #ffcc00;"), style);
            String shown = Visitor.signedIn(product, "acme-admin-key-000001")
                    .get("/console/settings/appearance")
                    .body();
            for (String part : List.of("<dd>Acme &amp; Co. Calls</dd>", "From a file</dd>", "#ffcc00</dd>")) {
                assertTrue(shown.contains(part), shown);
            }
            assertFalse(shown.contains("webhooks.console.name"), "an account cannot change it");
        }
    }

    @Test
    void the_operator_sees_which_settings_are_in_effect() {
        try (RunningProduct product = RunningProduct.shared("accounts: [{id: acme}]")) {
            String shown = Visitor.signedIn(product, RunningProduct.OPERATOR)
                    .get("/console/appearance")
                    .body();
            for (String part : List.of("Built in <code>webhooks.console.color</code>", "Engagement Webhooks", "Dark")) {
                assertTrue(shown.contains(part), shown);
            }
        }
    }

    private static String path(String page, String name, String suffix) {
        int from = page.indexOf("/console/assets/" + name);
        return page.substring(from, page.indexOf(suffix, from) + suffix.length());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GIF89a",
                "<html xmlns=\"http://www.w3.org/1999/xhtml\"/>",
                "<svg/>",
                "<svg xmlns=\"http://www.w3.org/2000/svg\">",
                "<!DOCTYPE svg [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><svg xmlns=\"http://www.w3.org/2000/svg\">&e;</svg>"
            })
    void a_file_that_is_not_a_picture_is_refused(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThrows(IllegalArgumentException.class, () -> Logo.of(bytes));
    }

    @Test
    void a_logo_is_small() {
        assertThrows(IllegalArgumentException.class, () -> Logo.of(new byte[Logo.MOST_BYTES + 1]));
    }
}
