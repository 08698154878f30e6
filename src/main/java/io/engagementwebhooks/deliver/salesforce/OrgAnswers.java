package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.event.EventJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** Reads responses of orgs. */
final class OrgAnswers {

    private OrgAnswers() {}

    /** The bytes of a response's stream, at most some; none if there is no response. */
    static byte[] body(Object content, int most) {
        if (!(content instanceof InputStream stream)) {
            return new byte[0];
        }
        try (stream) {
            return stream.readNBytes(most);
        } catch (IOException e) {
            return new byte[0];
        }
    }

    /** The JSON of a response; a missing node if it is incomplete or none. */
    static JsonNode json(byte[] body) {
        try {
            return EventJson.responses().readTree(body);
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    /** Stores a response in the context. */
    static void keep(Exchange exchange, int status, byte[] body) {
        DeliveryContext.of(exchange).answered(new Answer(status, headers(exchange.getMessage()), body, ""));
    }

    /** Salesforce's own headers ({@code Sforce-Limit-Info}). */
    private static Map<String, String> headers(Message message) {
        Map<String, String> kept = new HashMap<>();
        message.getHeaders().forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith("sforce") && value instanceof String text) {
                kept.put(lower, text);
            }
        });
        return kept;
    }
}
