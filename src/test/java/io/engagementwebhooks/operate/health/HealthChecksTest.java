package io.engagementwebhooks.operate.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpRequest;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.junit.jupiter.api.Test;

class HealthChecksTest {

    private static Stream<String> faults(int number) {
        return IntStream.rangeClosed(1, number).mapToObj(each -> "fault " + each);
    }

    @Test
    void a_message_has_the_first_faults_and_the_number_of_the_others() {
        HealthCheckResultBuilder result = HealthCheckResultBuilder.on(null);

        String message = HealthChecks.detail(result, "faults", faults(1_000));

        assertTrue(message.endsWith("; fault 10; and 990 more"), message);
        assertEquals(": fault 1; fault 2", HealthChecks.detail(result, "few", faults(2)));
        assertEquals("", HealthChecks.detail(result, "none", Stream.of()));
    }

    @Test
    void the_check_of_the_version_shows_what_runs_as_the_api_does() throws Exception {
        String key = "a-key-that-reads-the-version";
        try (RunningProduct product =
                RunningProduct.shared("accounts: [{id: acme, apiKeys: [{name: a, role: read, key: " + key + "}]}]")) {
            JsonNode health = RunningProduct.json(
                    product.send(HttpRequest.newBuilder(product.managementUrl("/observe/health?data=true"))
                            .build()));
            JsonNode check = StreamSupport.stream(health.get("checks").spliterator(), false)
                    .filter(each -> each.get("name").asText().equals("version"))
                    .findFirst()
                    .orElseThrow();
            assertEquals("UP", check.get("status").asText());
            JsonNode version = product.read("/v1/version", key);
            assertEquals(4, version.size());
            for (Map.Entry<String, JsonNode> each : version.properties()) {
                assertEquals(
                        each.getValue().asText(),
                        check.get("data").get(each.getKey()).asText(),
                        each.getKey());
            }
        }
    }
}
