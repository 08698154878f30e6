package io.engagementwebhooks.config.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.config.ConfigParser;
import io.engagementwebhooks.testkit.ConfigReaders;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.TestKeys;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.template.Body;
import io.engagementwebhooks.webhook.template.FieldValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The example in {@code docs/} is valid. */
class ExampleTest {

    private static final String SIGNING_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static final String SIGNING_KEY =
            "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> FORMS = List.of(
            "null",
            "\"\"",
            "\"a\"",
            "-1",
            "99999999999999999999",
            "0.5",
            "true",
            "[]",
            "[[]]",
            "[\"a\", {}]",
            "{}",
            "{\"a\": [1]}");

    private final ConfigParser.Good good = read();

    @Test
    void the_example_has_no_fault_and_nothing_to_warn_about() {
        assertEquals(List.of(), good.warnings());
    }

    @Test
    void it_shows_every_key_of_the_schema() throws IOException {
        String example = Files.readString(Path.of("docs/webhooks.example.yaml"));
        Set<String> missing = new TreeSet<>();
        JSON.readTree(Path.of("docs/webhooks.schema.json").toFile())
                .path("definitions")
                .valueStream()
                .filter(definition -> definition.has("additionalProperties"))
                .forEach(
                        definition -> definition.path("properties").fieldNames().forEachRemaining(missing::add));
        missing.removeIf(
                key -> Pattern.compile("\\b" + key + ":").matcher(example).find());
        assertEquals(Set.of(), missing);
    }

    @Test
    void its_webhooks_deliver_in_all_ways() {
        Config config = good.config();
        assertInstanceOf(Authentication.OAuth2.class, authentication("ended-calls-to-crm"));
        assertInstanceOf(Authentication.Header.class, authentication("all-calls-to-partner"));
        assertInstanceOf(Authentication.ApiKey.class, authentication("recordings-as-form"));
        assertInstanceOf(Authentication.Salesforce.class, authentication("calls-as-tasks"));
        assertInstanceOf(Authentication.Contentsquare.class, authentication("calls-to-insights"));
        assertInstanceOf(Target.OwnRequest.class, target("calls-raw-to-insights"));
        assertInstanceOf(Target.Kamelet.class, target("calls-to-kafka"));
        assertEquals(9, config.matching("acme", "call.ended").size());
    }

    @Test
    void its_bodies_fields_and_headers_are_compiled() {
        Target.Http crm = assertInstanceOf(Target.Http.class, target("ended-calls-to-crm"));
        assertInstanceOf(Body.Templated.class, crm.body());
        assertEquals(Set.of("X-Campaign"), crm.headers().keySet());
        assertInstanceOf(
                Body.Form.class,
                assertInstanceOf(Target.Http.class, target("recordings-as-form"))
                        .body());
        Target.Salesforce task = assertInstanceOf(Target.Salesforce.class, target("calls-as-tasks"));
        assertEquals(Target.Salesforce.Operation.UPSERT, task.operation());
        assertTrue(task.externalIdValue().isPresent());
        assertInstanceOf(FieldValue.Mapped.class, task.fields().get("CallType"));
        Target.SalesforceComposite both =
                assertInstanceOf(Target.SalesforceComposite.class, target("unknown-callers-as-leads"));
        assertEquals(Map.of("WhoId", "lead"), both.parts().get(1).links());
        Target.OwnRequest apex = assertInstanceOf(Target.OwnRequest.class, target("calls-to-apex"));
        assertEquals("/services/apexrest/calls", apex.request().url().toString());
        Target.Contentsquare session = assertInstanceOf(Target.Contentsquare.class, target("calls-to-insights"));
        assertInstanceOf(FieldValue.Program.class, session.fields().get("call_duration"));
    }

    /** No value that is wrong reaches a reader unchecked. */
    @Test
    void each_of_its_values_in_any_form_is_read_or_a_fault() throws Exception {
        JsonNode example = JsonTree.json(YamlText.compose(Files.readAllBytes(Path.of("docs/webhooks.example.yaml")))
                .orElseThrow());
        ConfigParser parser = ConfigReaders.lenient();
        int faulty = 0;
        for (JsonPointer place : places(example, JsonPointer.empty())) {
            for (String form : FORMS) {
                JsonNode changed = example.deepCopy();
                put(changed, place, JSON.readTree(form));
                try {
                    parser.read(JSON.writeValueAsBytes(changed), ExampleTest::value);
                } catch (ConfigFaults e) {
                    faulty++;
                } catch (RuntimeException e) {
                    throw new AssertionError(place + ": " + form, e);
                }
            }
        }
        assertTrue(faulty > 1_000, "forms that are faults: " + faulty);
    }

    private static List<JsonPointer> places(JsonNode node, JsonPointer at) {
        List<JsonPointer> places = new ArrayList<>();
        node.properties().forEach(member -> {
            places.add(at.appendProperty(member.getKey()));
            places.addAll(places(member.getValue(), at.appendProperty(member.getKey())));
        });
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            places.add(at.appendIndex(i));
            places.addAll(places(node.get(i), at.appendIndex(i)));
        }
        return places;
    }

    private static void put(JsonNode root, JsonPointer place, JsonNode value) {
        JsonNode outer = root.at(place.head());
        if (outer instanceof ArrayNode list) {
            list.set(place.last().getMatchingIndex(), value);
        } else {
            ((ObjectNode) outer).set(place.last().getMatchingProperty(), value);
        }
    }

    private Target target(String webhook) {
        return good.config()
                .webhook(Ids.webhook("acme", webhook))
                .orElseThrow()
                .delivery()
                .target();
    }

    private Authentication authentication(String webhook) {
        return good.config()
                .webhook(Ids.webhook("acme", webhook))
                .orElseThrow()
                .delivery()
                .authentication();
    }

    private static Optional<String> value(String name) {
        if (name.contains("CLIENT_KEY")) {
            return Optional.of(TestKeys.pem(TestKeys.ec("secp256r1").getPrivate()));
        }
        if (name.equals("env:ACME_SIGNING_KEY")) {
            return Optional.of(SIGNING_KEY);
        }
        return Optional.of(name.contains("SIGNING") ? SIGNING_SECRET : "value-of-" + name);
    }

    private static ConfigParser.Good read() {
        try {
            byte[] example = Files.readAllBytes(Path.of("docs/webhooks.example.yaml"));
            return ConfigReaders.lenient().read(example, ExampleTest::value);
        } catch (IOException | ConfigFaults e) {
            throw new IllegalStateException(e);
        }
    }
}
