package io.engagementwebhooks.store.jdbc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShortJsonTest {

    private static final String REQUEST =
            "{\"method\":\"POST\",\"url\":\"https://crm.example/hook\",\"headers\":{\"Authorization\":\"Basic ***\","
                    + "\"Content-Type\":\"application/cloudevents+json\",\"webhook-id\":\"msg_01M8N02AMW8BWCD2D9R9FSME7K\","
                    + "\"webhook-signature\":\"v1,pEWsgkf91L4LMqk0KuLGVe/eCO2JXHTcvpQ9PU7SGQ=\","
                    + "\"webhook-timestamp\":\"1796001049\"},\"bytes\":992,\"hash\":\"2dY6xebVPYXmbZRv9El7FQ\"}";

    private static final String ID = "01M8N02AMW8BWCD2D9R9FSME7K";

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void what_an_attempt_stores_is_shortened_to_less_than_half() {
        String text = ShortJson.shortenRequest(REQUEST, ID);
        assertTrue(text.length() < 130, text);
        assertEquals(REQUEST, ShortJson.restoreRequest(text, ID));
        assertEquals(REQUEST, ShortJson.restore(ShortJson.shorten(REQUEST)));
    }

    @Test
    void a_document_is_restored_byte_for_byte() {
        byte[] document = bytes(
                "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/büro\",\"type\":\"call.ended\",\"data\":{\"x\":1}}");
        byte[] stored = ShortJson.shorten(document);
        assertTrue(stored.length < document.length - 40);
        assertArrayEquals(document, ShortJson.restore(stored));
    }

    @Test
    void a_text_with_control_characters_and_one_without_phrases_are_restored() {
        for (String text : List.of("", " \t\r\n", "\1", "\37", "\37\1{\"wait\":", "{\"wait\":\0", "{\"wait\":\36")) {
            assertEquals(text, ShortJson.restore(ShortJson.shorten(text)), text);
            assertEquals(text, ShortJson.restoreRequest(ShortJson.shortenRequest(text, ID), ID), text);
        }
        assertNull(ShortJson.restore(ShortJson.shorten((String) null)));
        assertNull(ShortJson.restoreRequest(ShortJson.shortenRequest(null, ID), ID));
        Random random = new Random(1);
        for (int length = 0; length < 300; length++) {
            byte[] any = new byte[length];
            random.nextBytes(any);
            assertArrayEquals(any, ShortJson.restore(ShortJson.shorten(any)));
        }
    }

    @Test
    void any_mixture_of_phrases_parts_of_them_and_other_text_is_restored() {
        Random random = new Random(2);
        String parts =
                REQUEST + "{\"specversion\":\"1.0\",\"id\":\"ü€😀\",\"source\":\"{\"wait\":,\"wait\":,\"body\":" + ID;
        for (int i = 0; i < 2_000; i++) {
            StringBuilder mixed = new StringBuilder();
            for (int part = random.nextInt(8); part > 0; part--) {
                int from = random.nextInt(parts.length());
                mixed.append(parts, from, from + random.nextInt(parts.length() - from));
            }
            String text = new String(bytes(mixed.toString()), StandardCharsets.UTF_8);
            assertEquals(text, ShortJson.restore(ShortJson.shorten(text)));
            assertEquals(text, ShortJson.restoreRequest(ShortJson.shortenRequest(text, ID), ID));
            assertArrayEquals(bytes(text), ShortJson.restore(ShortJson.shorten(bytes(text))));
        }
    }

    /** Rows of these forms are in stores, so what they mean must not change. */
    @Test
    void what_was_stored_before_is_read() {
        assertEquals("{\"wait\":1,\"body\":2}", ShortJson.restore("\0311\0332}"));
        assertEquals(REQUEST, ShortJson.restore(REQUEST));
    }
}
