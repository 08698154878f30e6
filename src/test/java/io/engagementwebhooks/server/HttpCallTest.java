package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class HttpCallTest {

    /** Camel's tracer prints exchange properties, of which it is one. */
    @Test
    void its_text_contains_no_secret() {
        HttpCall call = new HttpCall(
                "POST",
                "/v1/events",
                Map.of("authorization", List.of("Bearer a-key")),
                Map.of("key", List.of("a-key")),
                "a-key".getBytes(StandardCharsets.UTF_8));

        assertEquals("POST /v1/events, 5 bytes", call.toString());
    }

    /** Camel 4.18.0 may apply the failure of {@link Object} to any class. */
    @Test
    void a_failed_body_conversion_does_not_affect_later_ones() throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.start();
            Exchange exchange = new DefaultExchange(context);

            assertNull(HttpCall.bytes(exchange, new Object()));
            assertNull(context.getTypeConverterRegistry().lookup(byte[].class, Object.class));
            exchange.getIn().setBody(new Object());
            assertNull(exchange.getIn().getBody(byte[].class));

            assertArrayEquals(new byte[] {1}, HttpCall.bytes(exchange, Buffer.buffer(new byte[] {1})));
            assertArrayEquals(
                    new byte[] {1}, HttpCall.bytes(exchange, Buffer.buffer(8).appendByte((byte) 1)));
            assertArrayEquals(new byte[] {'a'}, HttpCall.bytes(exchange, "a"));
        }
    }
}
