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

/**
 * Parses events: exact numbers of at most {@value #MAX_DIGITS} characters, no duplicate keys, at most
 * {@value #MAX_NESTING} levels. Thread-safe.
 */
public final class EventJson {

    /** The deepest nesting of an event. */
    public static final int MAX_NESTING = 200;

    /** The longest number in characters; the time to convert one grows with the square of its length. */
    public static final int MAX_DIGITS = StreamReadConstraints.DEFAULT_MAX_NUM_LEN;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxNumberLength(MAX_DIGITS)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final ObjectMapper MAPPER = JsonMapper.builder(FACTORY)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private static final int MAX_QUICK_BYTES = 4096;

    /** Bytes of the tree per byte of JSON at worst, for {@code {},}. */
    private static final int MAX_NODE_BYTES = 80;

    /**
     * The most tokens of a response. Two hundred results have about 3,000; the limit bounds the tree to about 1 MiB.
     */
    private static final int MAX_TOKENS = 20_000;

    private static final ObjectMapper RESPONSES = JsonMapper.builder(FACTORY.rebuild()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_NESTING)
                            .maxTokenCount(MAX_TOKENS)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * Bytes of the node that a character begins. Nodes are an object or array, a member (its entry, name and value), an
     * item.
     */
    private static final short[] NODE_BYTES = new short[128];

    static {
        NODE_BYTES['{'] = 160;
        NODE_BYTES['['] = 104;
        NODE_BYTES[':'] = 152;
        NODE_BYTES[','] = 72;
    }

    private EventJson() {}

    /** The factory, for streaming. */
    public static JsonFactory factory() {
        return FACTORY;
    }

    /** The mapper of {@link #parse}; it writes numbers as they were read. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    /** Parses responses of token endpoints and third parties. More than {@value #MAX_TOKENS} tokens are an error. */
    public static ObjectMapper responses() {
        return RESPONSES;
    }

    /**
     * An approximate upper bound of the size of a document's tree in bytes. JSON such as {@code [{},{},…]} takes fifty
     * times its own size. Counts characters that make nodes, with the sizes of a 64-bit JVM with compressed pointers.
     */
    public static long treeBound(byte[] document) {
        long bytes = 2L * document.length;
        for (byte each : document) {
            bytes += NODE_BYTES[each & 0x7F];
        }
        return bytes;
    }

    /** Like {@link #treeBound}, but for a small text the worst case of its length, without a scan. */
    public static long quickTreeBound(byte[] text) {
        return text.length <= MAX_QUICK_BYTES ? (long) MAX_NODE_BYTES * text.length : treeBound(text);
    }

    /** Like {@link #treeBound(byte[])}. */
    public static long treeBound(String document) {
        long bytes = 2L * document.length();
        for (int i = 0; i < document.length(); i++) {
            bytes += NODE_BYTES[document.charAt(i) & 0x7F];
        }
        return bytes;
    }

    /**
     * Parses an accepted document.
     *
     * @throws UncheckedIOException if it is not JSON
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
