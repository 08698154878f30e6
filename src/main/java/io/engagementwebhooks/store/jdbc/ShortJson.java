package io.engagementwebhooks.store.jdbc;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Shortens the JSON that each event and each attempt stores: a frequent phrase becomes one control character. JSON contains
 * none of these; a text that does is stored as it is, after {@link #VERBATIM}. What was stored long is read as well.
 *
 * <p>The order of the phrases is part of the format: a new one is added at the end.
 */
public final class ShortJson {

    private static final byte VERBATIM = 0x1f;

    /** Stands for the id of the delivery. */
    private static final String ID = "\36";

    /** The characters that stand for the phrases, which exclude the white space of JSON. */
    private static final byte[] CODES = bytes("\1\2\3\4\5\6\7\b\13\f\16\17\20\21\22\23\24\25\26\27\30\31\32\33\34\35");

    private static final byte[][] PHRASES = Stream.of(
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
                    ",\"body\":")
            .map(ShortJson::bytes)
            .toArray(byte[][]::new);

    private static final byte[][] BY_CODE = new byte[' '][];

    static {
        for (int phrase = 0; phrase < PHRASES.length; phrase++) {
            BY_CODE[CODES[phrase]] = PHRASES[phrase];
        }
    }

    /** How many of the phrases are of events. */
    private static final int OF_EVENTS = 6;

    private static final int[][] EVENTS = byFirst(0, OF_EVENTS);
    private static final int[][] ATTEMPTS = byFirst(OF_EVENTS, PHRASES.length);

    private ShortJson() {}

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The phrases by their first character. */
    private static int[][] byFirst(int from, int to) {
        return IntStream.range(0, Byte.MAX_VALUE + 1)
                .mapToObj(first -> IntStream.range(from, to)
                        .filter(phrase -> PHRASES[phrase][0] == first)
                        .toArray())
                .toArray(int[][]::new);
    }

    /** Shortens what an attempt stores. @param json may be null */
    public static String shorten(String json) {
        return json == null ? null : text(shorten(bytes(json), ATTEMPTS));
    }

    /** Shortens a request, whose {@code webhook-id} has the id of its delivery. @param json may be null */
    static String shortenRequest(String json, String delivery) {
        String text = shorten(json);
        return isVerbatim(text) ? text : text.replace(delivery, ID);
    }

    /** @param text may be null */
    public static String restoreRequest(String text, String delivery) {
        return restore(isVerbatim(text) ? text : text.replace(ID, delivery));
    }

    private static boolean isVerbatim(String text) {
        return text == null || !text.isEmpty() && text.charAt(0) == VERBATIM;
    }

    /** Shortens the document of an event. */
    public static byte[] shorten(byte[] document) {
        return shorten(document, EVENTS);
    }

    private static byte[] shorten(byte[] json, int[][] phrases) {
        byte[] text = new byte[json.length];
        int length = 0;
        for (int i = 0; i < json.length; ) {
            byte next = json[i];
            if (isControl(next)) {
                return verbatim(json);
            }
            int phrase = next < 0 ? -1 : find(phrases[next], json, i);
            text[length++] = phrase < 0 ? next : CODES[phrase];
            i += phrase < 0 ? 1 : PHRASES[phrase].length;
        }
        return Arrays.copyOf(text, length);
    }

    private static int find(int[] phrases, byte[] json, int from) {
        for (int phrase : phrases) {
            byte[] text = PHRASES[phrase];
            int to = from + text.length;
            // most differ in the last byte
            if (to <= json.length
                    && json[to - 1] == text[text.length - 1]
                    && Arrays.equals(json, from, to, text, 0, text.length)) {
                return phrase;
            }
        }
        return -1;
    }

    private static byte[] verbatim(byte[] json) {
        byte[] text = new byte[json.length + 1];
        text[0] = VERBATIM;
        System.arraycopy(json, 0, text, 1, json.length);
        return text;
    }

    /** @param text may be null */
    public static String restore(String text) {
        return text == null ? null : text(restore(bytes(text)));
    }

    /** @param text may be null */
    public static byte[] restore(byte[] text) {
        if (text == null || text.length == 0) {
            return text;
        }
        if (text[0] == VERBATIM) {
            return Arrays.copyOfRange(text, 1, text.length);
        }
        int length = 0;
        for (byte next : text) {
            byte[] phrase = phrase(next);
            length += phrase == null ? 1 : phrase.length;
        }
        byte[] json = new byte[length];
        int to = 0;
        for (byte next : text) {
            byte[] phrase = phrase(next);
            if (phrase == null) {
                json[to++] = next;
            } else {
                System.arraycopy(phrase, 0, json, to, phrase.length);
                to += phrase.length;
            }
        }
        return json;
    }

    /** What a byte stands for; null: itself. */
    private static byte[] phrase(byte stored) {
        return stored >= 0 && stored < ' ' ? BY_CODE[stored] : null;
    }

    private static boolean isControl(byte next) {
        return next >= 0 && next < ' ' && next != '\t' && next != '\n' && next != '\r';
    }
}
