package io.engagementwebhooks.store.jdbc;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Shortens the JSON that each event and each attempt stores: a frequent phrase becomes one control character. JSON contains
 * none of these; a text that does is stored as it is, after {@link #VERBATIM}. What was stored long is read as well.
 *
 * <p>The order of the phrases is part of the format: a new one is added at the end.
 */
final class ShortJson {

    /** Larger ones gain little, and are searched for each phrase. */
    private static final int MAX_LENGTH = 4096;

    private static final char VERBATIM = 0x1f;

    /** The characters that stand for the phrases, which exclude the white space of JSON. */
    private static final String CODES = "\1\2\3\4\5\6\7\b\13\f\16\17\20\21\22\23\24\25\26\27\30\31\32\33\34\35\36";

    private static final List<String> PHRASES = List.of(
            "{\"specversion\":\"1.0\",\"id\":\"",
            "\",\"source\":\"",
            "\",\"type\":\"",
            "\",\"subject\":\"",
            "\",\"time\":\"",
            "\",\"datacontenttype\":\"application/json\",\"data\":{\"",
            // from here on of attempts: their requests, responses and times
            "{\"method\":\"POST\",\"url\":\"http",
            "\",\"headers\":{\"",
            "Authorization\":\"Basic ***\",\"",
            "Authorization\":\"Bearer ***\",\"",
            "Content-Type\":\"application/cloudevents+json\",\"",
            "Content-Type\":\"application/json\",\"",
            "webhook-id\":\"msg_",
            "\",\"webhook-signature\":\"v1,",
            "\",\"webhook-timestamp\":\"",
            "\"},\"bytes\":",
            ",\"hash\":\"",
            "{\"content-length\":\"",
            "\"content-type\":\"",
            "\",\"date\":\"",
            "{\"connect\":",
            "{\"wait\":",
            ",\"wait\":",
            ",\"body\":");

    /** How many of the phrases are of events. */
    private static final int OF_EVENTS = 6;

    private ShortJson() {}

    /** Shortens what an attempt stores. @param json may be null */
    static String shorten(String json) {
        return json == null ? null : shorten(json, OF_EVENTS, PHRASES.size());
    }

    /** Shortens the document of an event. */
    static byte[] shorten(byte[] document) {
        return shorten(text(document), 0, OF_EVENTS).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String shorten(String json, int from, int to) {
        if (hasControl(json)) {
            return VERBATIM + json;
        }
        if (json.length() > MAX_LENGTH) {
            return json;
        }
        String text = json;
        for (int i = from; i < to; i++) {
            text = text.replace(PHRASES.get(i), CODES.substring(i, i + 1));
        }
        return text;
    }

    /** @param text may be null */
    static String restore(String text) {
        if (text == null || !hasControl(text)) {
            return text;
        }
        if (text.charAt(0) == VERBATIM) {
            return text.substring(1);
        }
        StringBuilder json = new StringBuilder(text.length() * 2);
        for (int i = 0; i < text.length(); i++) {
            int phrase = CODES.indexOf(text.charAt(i));
            if (phrase < 0) {
                json.append(text.charAt(i));
            } else {
                json.append(PHRASES.get(phrase));
            }
        }
        return json.toString();
    }

    /** @param json may be null */
    static byte[] restore(byte[] json) {
        return json == null ? null : restore(text(json)).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A character for each byte. */
    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static boolean hasControl(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' && c != '\t' && c != '\n' && c != '\r') {
                return true;
            }
        }
        return false;
    }
}
