package io.engagementwebhooks.console;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An error in a route file is shown in API and console with file and line, to those who may see it, until it is
 * corrected (semantics 37). Its own products: their route files change.
 */
class RouteFaultsOnPagesTest {

    private static final String READ = "acme-read-key-0000000";
    private static final String OPERATOR = "the-key-of-the-operator-0000";
    private static final String OPERATOR_SETTING = "webhooks.operator-key=" + OPERATOR;
    private static final String ONE_ACCOUNT =
            """
            accounts:
              - id: acme
                apiKeys: [{name: eve, role: read, key: acme-read-key-0000000}]
                webhooks: [{name: all, events: ["*"], delivery: {url: "https://crm.example.com", authentication: {type: none}}}]
            """;
    private static final String ANOTHER = "  - {id: other, apiKeys: [], webhooks: []}\n";

    @TempDir
    Path folder;

    private RunningProduct start(String config, String... settings) throws IOException {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        try (Stream<Path> ours = Files.list(Path.of("routes"))) {
            for (Path file : ours.toList()) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        return RunningProduct.start(folder, config, settings);
    }

    private Path branch() {
        return folder.resolve("routes/31-deliver-header.camel.yaml");
    }

    /** @return the file and the first line of the faulty step: two above the bean that it names */
    private String breakIt() throws IOException {
        List<String> lines = Files.readAllLines(branch());
        for (int line = 0; line < lines.size(); line++) {
            if (lines.get(line).contains("authorizeByHeader")) {
                Files.writeString(branch(), String.join("\n", lines).replace("authorizeByHeader", "noSuchStep"));
                return branch() + ":" + (line - 1) + ":";
            }
        }
        throw new AssertionError(branch() + " has no such step any more");
    }

    private void mendIt() throws IOException {
        Files.writeString(branch(), Files.readString(branch()).replace("noSuchStep", "authorizeByHeader"));
    }

    private static void awaitCurrent(RunningProduct product, String key, boolean current) {
        await().until(() -> product.read("/v1/routes", key).get("current").asBoolean() == current);
    }

    @Test
    void the_operator_sees_file_line_and_error_and_an_account_only_that_there_is_one() throws Exception {
        try (RunningProduct product = start(ONE_ACCOUNT, OPERATOR_SETTING)) {
            Visitor operator = Visitor.signedIn(product, OPERATOR);
            Visitor reader = Visitor.signedIn(product, READ);
            assertFalse(operator.get("/console/accounts").body().contains("Errors in route files"));
            assertEquals(0, product.read("/v1/routes", OPERATOR).get("faults").size());

            String place = breakIt();
            awaitCurrent(product, OPERATOR, false);

            String fault = product.read("/v1/routes", OPERATOR).at("/faults/0").asText();
            assertTrue(fault.startsWith(place), fault + " does not stand at " + place);
            assertTrue(fault.contains("noSuchStep"), fault);
            for (String path : List.of("/console/accounts", "/console/accounts/acme")) {
                String page = operator.get(path).body();
                assertTrue(page.contains(place) && page.contains("noSuchStep"), page);
            }
            JsonNode accounts = product.read("/v1/routes", READ);
            assertFalse(accounts.get("current").asBoolean());
            assertTrue(accounts.get("faults").isNull(), accounts.toString());
            String overview = reader.get("/console/overview").body();
            assertTrue(overview.contains("Errors in route files"), overview);
            assertFalse(overview.contains("noSuchStep"), overview);

            mendIt();
            awaitCurrent(product, OPERATOR, true);
            assertFalse(operator.get("/console/accounts").body().contains("Errors in route files"));
            assertFalse(reader.get("/console/overview").body().contains("Errors in route files"));
        }
    }

    @Test
    void the_only_account_sees_the_error_and_one_of_several_accounts_does_not_see_the_file() throws Exception {
        try (RunningProduct product = start(ONE_ACCOUNT)) {
            String place = breakIt();
            awaitCurrent(product, READ, false);

            String overview =
                    Visitor.signedIn(product, READ).get("/console/overview").body();
            assertTrue(overview.contains(place) && overview.contains("noSuchStep"), overview);

            product.config(ONE_ACCOUNT + ANOTHER);
            await().until(() -> product.read("/v1/routes", READ).get("faults").isNull());
            assertFalse(product.read("/v1/routes", READ).get("current").asBoolean());
        }
    }
}
