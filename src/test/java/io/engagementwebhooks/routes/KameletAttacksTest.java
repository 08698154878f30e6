package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an account cannot write into a webhook that sends to a Kamelet (semantics 50). */
@Timeout(300)
class KameletAttacksTest {

    private static final String KEY = "beta-admin-key-of-attacks";

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(
            """
            accounts:
              - id: beta
                apiKeys: [{name: bea, role: admin, key: %s}]
            """
                    .formatted(KEY));

    private HttpResponse<String> create(String properties) {
        String definition =
                "{\"name\": \"attack\", \"events\": [\"none\"], \"delivery\": {\"kamelet\": {\"name\": \"kafka-sink\","
                        + " \"properties\": " + properties + "}}}";
        return product.post("/v1/webhooks", KEY, "application/json", definition);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x?bridgeEndpoint=true",
                "x&brokers=evil:9092",
                "x&amp;size=9",
                "RAW(x)",
                "RAW{x}",
                "{{env:PATH}}",
                "{{?password}}",
                "#bean:store",
                "#class:java.lang.Runtime",
                "${exchange}",
                "$simple{body}",
                "../../etc/passwd",
                "a//evil",
                "x%3Fsize%3D9",
                "x\r\nX-Header: y",
                "x\u0000",
                "x;y",
                "x=y",
                "\"x\"",
                "'x'",
                "\\x",
                "",
            })
    void a_value_that_a_uri_or_an_expression_would_give_a_meaning_is_refused(String value) {
        HttpResponse<String> refused =
                create(new JsonMapper().valueToTree(Map.of("topic", value)).toString());

        assertEquals(422, refused.statusCode(), refused.body());
        assertTrue(refused.body().contains("/delivery/kamelet"), refused.body());
        assertNull(RunningProduct.json(refused).get("id"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"topic\": \"x\", \"bootstrapServers\": \"evil:9092\"}",
                "{\"topic\": \"x\", \"saslUsername\": \"s\"}",
                "{\"topic\": \"x\", \"CamelKafkaOverrideTopic\": \"y\"}",
                "{\"topic\": {\"x\": 1}}",
                "{}",
            })
    void a_property_that_the_operator_did_not_open_is_refused(String properties) {
        assertEquals(422, create(properties).statusCode());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"kamelet\": {\"name\": \"exec-sink\"}",
                "\"kamelet\": {\"name\": \"../kafka-sink\"}",
                "\"kamelet\": {\"name\": \"kafka-sink\", \"properties\": {\"topic\": \"x\"}}, \"url\": \"https://example.com\"",
                "\"kamelet\": {\"name\": \"kafka-sink\", \"properties\": {\"topic\": \"x\"}}, \"headers\": {\"CamelHttpUri\": \"http://evil\"}",
                "\"url\": \"https://example.com\", \"authentication\": {\"type\": \"custom\", \"destination\": \"kamelet\"}",
            })
    void a_kamelet_that_is_not_named_and_keys_of_http_are_refused(String delivery) {
        String definition = "{\"name\": \"attack\", \"events\": [\"none\"], \"delivery\": {" + delivery + "}}";
        HttpResponse<String> refused = product.post("/v1/webhooks", KEY, "application/json", definition);

        assertEquals(422, refused.statusCode(), refused.body());
    }
}
