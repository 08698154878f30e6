package io.engagementwebhooks.event;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * An engagement event with the attributes of CloudEvents 1.0.
 *
 * <p>The document is the event in structured form: the received bytes if it was sent so, else the attributes plus the
 * data bytes. It is never serialized again, so numbers beyond double keep their digits.
 *
 * <p>Immutable and thread-safe; {@link #tree()} parses on first use. The document's bytes are shared and must not be
 * changed.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md">CloudEvents JSON
 *     format</a>
 */
public final class Event {

    /** The source of system events; reserved. */
    public static final String SYSTEM_SOURCE = "/engagement-webhooks";

    /** Precedes the id of an event in the reason of an older one that was not sent. */
    public static final String SUPERSEDED_BY = "superseded by event ";

    /** Precedes a ULID at the end of the source of a test's event. */
    private static final String TEST = "#test-";

    private static final int ULID_LENGTH = 26;

    /** The largest tree in bytes that is kept for the first attempt. */
    private static final long MAX_KEPT_TREE = 64 << 10;

    private final EventIdentity identity;
    private final String type;
    private final String subject;
    private final Instant time;
    private final byte[] document;
    private final byte[] dataSha256;
    private final TraceParent trace;
    private volatile JsonNode tree;
    private int treeBytes;

    /**
     * @param identity account, source and id, none empty
     * @param type the event's type, such as {@code call.ended}
     * @param subject the CloudEvents subject, such as {@code call/914022177}, or null
     * @param time the CloudEvents time, or null
     * @param document the event in structured form, UTF-8 JSON
     * @param dataSha256 SHA-256 of the data bytes as sent
     */
    public Event(
            EventIdentity identity, String type, String subject, Instant time, byte[] document, byte[] dataSha256) {
        this(identity, type, subject, time, document, dataSha256, null);
    }

    private Event(
            EventIdentity identity,
            String type,
            String subject,
            Instant time,
            byte[] document,
            byte[] dataSha256,
            TraceParent trace) {
        this.trace = trace;
        this.identity = Objects.requireNonNull(identity);
        this.type = Objects.requireNonNull(type);
        this.subject = subject;
        this.time = time;
        this.document = Objects.requireNonNull(document);
        this.dataSha256 = Objects.requireNonNull(dataSha256);
    }

    /** The event with a trace context. @param trace null: none */
    public Event withTrace(TraceParent trace) {
        if (trace == null) {
            return this;
        }
        Event traced = new Event(identity, type, subject, time, document, dataSha256, trace);
        traced.tree = tree;
        return traced;
    }

    /** The trace context; empty: none was sent, or tracing is off (webhooks.tracing). */
    public Optional<TraceParent> trace() {
        return Optional.ofNullable(trace);
    }

    public EventIdentity identity() {
        return identity;
    }

    /** The account of the caller's key, never taken from the event. */
    public String account() {
        return identity.account();
    }

    /** The CloudEvents id, chosen by the sender. */
    public String id() {
        return identity.id();
    }

    public String source() {
        return identity.source();
    }

    /** Whether it is a system event. */
    public boolean isSystemEvent() {
        return identity.source().equals(SYSTEM_SOURCE);
    }

    /** The event with a separate source, which keeps a test from taking the identity of a future event. @param id a ULID */
    public Event asTest(String id) {
        return new Event(
                new EventIdentity(account(), source() + TEST + id, id()), type, subject, time, document, dataSha256);
    }

    /** Whether it is of a test or a sample. */
    public boolean isTest() {
        return isTestSource(source());
    }

    /** Whether a source is that of a {@link #asTest test} event; reserved. */
    public static boolean isTestSource(String source) {
        int id = source.length() - ULID_LENGTH;
        return id >= TEST.length()
                && source.startsWith(TEST, id - TEST.length())
                && source.chars().skip(id).allMatch(c -> c >= '0' && c <= '9' || c >= 'A' && c <= 'Z');
    }

    /** The source of the event that a {@link #asTest test} is of; of another source, itself. */
    public static String withoutTest(String source) {
        return isTestSource(source) ? source.substring(0, source.length() - TEST.length() - ULID_LENGTH) : source;
    }

    public String type() {
        return type;
    }

    /** The CloudEvents subject, or null. */
    public String subject() {
        return subject;
    }

    /** The CloudEvents time, or null. */
    public Instant time() {
        return time;
    }

    /** The event in structured form, UTF-8 JSON. Shared: do not write to it. */
    public byte[] document() {
        return document;
    }

    /** SHA-256 of the data bytes as sent, to compare two events of one identity. */
    public byte[] dataSha256() {
        return dataSha256;
    }

    /** The document as a tree with exact numbers. Shared: do not change it. */
    public JsonNode tree() {
        JsonNode parsed = tree;
        if (parsed == null) {
            parsed = EventJson.parse(document);
            tree = parsed;
        }
        return parsed;
    }

    /** An approximate upper bound of the size of its tree in bytes; see {@link EventJson#treeBound}. */
    public int treeBytes() {
        // two threads compute the same
        int bytes = treeBytes;
        if (bytes == 0) {
            bytes = (int) Math.min(Integer.MAX_VALUE, EventJson.treeBound(document));
            treeBytes = bytes;
        }
        return bytes;
    }

    /** An approximate upper bound of its memory in bytes: the document and a tree that is kept. */
    public long memory() {
        return document.length + Math.min(MAX_KEPT_TREE, treeBytes());
    }

    /**
     * Drops a large tree, which {@link #tree()} parses again when needed: it may take fifty times the memory of the
     * document.
     */
    public void dropLargeTree() {
        if (tree != null && treeBytes() > MAX_KEPT_TREE) {
            tree = null;
        }
    }

    @Override
    public String toString() {
        return type + " " + identity;
    }
}
