package io.engagementwebhooks.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;

/** How events are read: exact numbers, no duplicate keys, at most {@value #MAX_NESTING} levels. Thread-safe. */
public final class EventJson {

    /** Deepest nesting of an event; deeper ones are refused. */
    public static final int MAX_NESTING = 200;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final ObjectMapper MAPPER = JsonMapper.builder(FACTORY)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private static final int SMALL = 4096;

    /** Of {@code {},}. */
    private static final int WORST_A_BYTE = 80;

    /** Of an answer: two hundred results have about 3 000. It bounds what the tree of a hostile one takes to about 1 MiB. */
    private static final int MOST_TOKENS = 20_000;

    private static final ObjectMapper ANSWERS = JsonMapper.builder(FACTORY.rebuild()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_NESTING)
                            .maxTokenCount(MOST_TOKENS)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** By character: an object or array, a member (its entry, name and value), an item. */
    private static final short[] NODE_BYTES = new short[128];

    static {
        NODE_BYTES['{'] = 160;
        NODE_BYTES['['] = 104;
        NODE_BYTES[':'] = 152;
        NODE_BYTES[','] = 72;
    }

    private EventJson() {}

    /** The factory, for reading a document token by token. */
    public static JsonFactory factory() {
        return FACTORY;
    }

    /** The mapper behind {@link #parse}; it writes numbers as they were read. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    /** Reads answers of token endpoints and third parties; one of more than {@value #MOST_TOKENS} tokens is a fault. */
    public static ObjectMapper answers() {
        return ANSWERS;
    }

    /**
     * Bytes that the tree of a document takes at most, about: JSON such as {@code [{},{},…]} takes fifty times its own
     * size. Counted by what makes nodes, with the sizes of a 64-bit JVM with compressed pointers.
     */
    public static long treeBound(byte[] document) {
        long bytes = 2L * document.length;
        for (byte each : document) {
            bytes += NODE_BYTES[each & 0x7F];
        }
        return bytes;
    }

    /** As {@link #treeBound}, at no cost where a text is small: as if it were the worst of its length. */
    public static long quickTreeBound(byte[] text) {
        return text.length <= SMALL ? (long) WORST_A_BYTE * text.length : treeBound(text);
    }

    /** As {@link #treeBound(byte[])}. */
    public static long treeBound(String document) {
        long bytes = 2L * document.length();
        for (int i = 0; i < document.length(); i++) {
            bytes += NODE_BYTES[document.charAt(i) & 0x7F];
        }
        return bytes;
    }

    /**
     * Parses a document that was checked when it was accepted.
     *
     * @throws UncheckedIOException if it is not JSON after all
     */
    public static JsonNode parse(byte[] document) {
        try {
            return MAPPER.readTree(document);
        } catch (IOException e) {
            throw new UncheckedIOException("a stored event is not JSON", e);
        } catch (NumberFormatException e) {
            throw new UncheckedIOException(new IOException("a stored event has a number beyond all numbers", e));
        }
    }
}
