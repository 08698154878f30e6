package io.engagementwebhooks.operate.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * Writes each log line as one JSON object. Each value of a message written as {@code name={}} is a separate member,
 * so that a search can use delivery, webhook or status. Thread-safe once started.
 */
public final class JsonLines extends EncoderBase<ILoggingEvent> {

    private static final byte[] NOTHING = {};

    /** The text of a missing value. */
    private static final String NONE = "-";

    /** Members of every line; named values cannot replace them. */
    private static final Set<String> ALWAYS = Set.of("time", "level", "logger", "thread", "message", "exception");

    private final JsonFactory json = new JsonFactory();

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        try (JsonGenerator to = json.createGenerator(line)) {
            to.writeStartObject();
            to.writeStringField(
                    "time", Instant.ofEpochMilli(event.getTimeStamp()).toString());
            to.writeStringField("level", event.getLevel().toString());
            to.writeStringField("logger", event.getLoggerName());
            to.writeStringField("thread", event.getThreadName());
            to.writeStringField("message", event.getFormattedMessage());
            for (Map.Entry<String, Object> value :
                    NamedValues.in(event.getMessage(), event.getArgumentArray()).entrySet()) {
                write(to, value.getKey(), value.getValue());
            }
            if (event.getThrowableProxy() != null) {
                to.writeStringField("exception", ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
            to.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // an array in memory takes everything
        }
        line.write('\n');
        return line.toByteArray();
    }

    private static void write(JsonGenerator to, String name, Object value) throws IOException {
        if (ALWAYS.contains(name) || value == null || value.equals(NONE)) {
            return;
        }
        if (value instanceof Integer || value instanceof Long) {
            to.writeNumberField(name, ((Number) value).longValue());
        } else {
            to.writeStringField(name, value.toString());
        }
    }
}
