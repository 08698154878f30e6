package io.engagementwebhooks.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The account of a Kafka record. */
class KafkaAccountsTest {

    private static final Map<String, String> TOPICS = Map.of("calls", "acme");

    private static String trusting(String value) {
        return new KafkaAccounts(TOPICS, true).of("calls", Map.of(), value.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_trusted_event_names_its_account_in_the_value() {
        assertEquals("globex", trusting("{\"data\":{\"account\":\"x\",\"list\":[{}]},\"account\":\"globex\"}"));
        assertEquals("acme", trusting("{\"data\":{\"account\":\"x\"}}"));
        assertEquals("acme", trusting("[{\"account\":\"x\"}]"));
        assertEquals("acme", trusting("{\"account\":7}"));
        assertEquals("acme", trusting("no JSON"));
    }

    @Test
    void a_trusted_event_in_binary_form_names_it_in_a_header() {
        KafkaAccounts trusting = new KafkaAccounts(TOPICS, true);
        byte[] value = "{\"account\":\"x\"}".getBytes(StandardCharsets.UTF_8);
        byte[] globex = "globex".getBytes(StandardCharsets.UTF_8);
        assertEquals("globex", trusting.of("calls", KafkaAccounts.attributes(Map.of("ce_account", globex)), value));
        assertEquals("acme", trusting.of("calls", KafkaAccounts.attributes(Map.of("ce_id", globex)), value));
        assertNull(trusting.of("forms", Map.of(), new byte[0]));
    }

    @Test
    void an_untrusted_event_belongs_to_the_account_of_its_topic() {
        byte[] value = "{\"account\":\"globex\"}".getBytes(StandardCharsets.UTF_8);
        assertEquals("acme", new KafkaAccounts(TOPICS, false).of("calls", Map.of(), value));
    }
}
