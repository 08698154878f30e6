package io.engagementwebhooks.ingest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.server.HttpCall;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads events: CloudEvents 1.0 structured, batched or binary, or plain JSON with the same fields. Thread-safe.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md">CloudEvents
 *     HTTP binding</a>
 */
public final class EventReader {

    static final String STRUCTURED = "application/cloudevents+json";
    static final String BATCH = "application/cloudevents-batch+json";
    private static final String PLAIN = "application/json";
    private static final String PREFIX = "ce-";
    private static final Pattern ATTRIBUTE_NAME = Pattern.compile("[a-z0-9]+");

    /**
     * The events of a request.
     *
     * @param events at least one, except for an empty batch
     * @param batch whether they were sent, and are answered, as a batch
     */
    public record Events(List<Event> events, boolean batch) {}

    /** The event of a document. @param mediaType its content type */
    public Event readOne(String account, String mediaType, byte[] document) {
        Map<String, List<String>> headers = Map.of("content-type", List.of(mediaType));
        return read(account, new HttpCall("POST", "", headers, Map.of(), document))
                .events()
                .get(0);
    }

    /**
     * @param account the account of the caller's key
     * @param call the request
     * @throws ProblemException naming the fault, and the item of a batch
     */
    public Events read(String account, HttpCall call) {
        refuseEncoded(call.header("content-encoding"));
        MediaType type = MediaType.of(call.header("content-type"));
        if (type.is(STRUCTURED)) {
            return new Events(List.of(new DocumentReader(account, notEmpty(call)).readOne(false)), false);
        }
        if (type.is(BATCH)) {
            return new Events(new DocumentReader(account, notEmpty(call)).batch(), true);
        }
        if (call.headers().keySet().stream().anyMatch(name -> name.startsWith(PREFIX))) {
            return new Events(List.of(binary(account, call, type)), false);
        }
        if (type.is(PLAIN)) {
            return new Events(List.of(new DocumentReader(account, notEmpty(call)).readOne(true)), false);
        }
        throw new ProblemException(Problem.unsupportedMediaType("send events as " + STRUCTURED + ", " + BATCH + " or "
                + PLAIN + ", or in binary mode with ce- headers" + type.described()));
    }

    private static void refuseEncoded(String encoding) {
        if (encoding != null && !encoding.isBlank() && !encoding.trim().equalsIgnoreCase("identity")) {
            throw new ProblemException(
                    Problem.unsupportedMediaType("events are read as they are, and Content-Encoding is "
                            + Attributes.shortened(encoding.trim()) + "; send the body without it"));
        }
    }

    private static byte[] notEmpty(HttpCall call) {
        if (call.body().length == 0) {
            throw Attributes.bad("not-json", "the body is empty; an event is a JSON object");
        }
        return call.body();
    }

    /**
     * Reads the event of a message broker's record.
     *
     * @param account the account
     * @param contentType type of the value; null: plain JSON, or binary mode if there are attributes
     * @param context the attributes of binary mode by name; empty: they are in the value
     * @param value the record's value
     * @throws ProblemException naming the fault
     */
    public Event record(String account, String contentType, Map<String, String> context, byte[] value) {
        MediaType type = MediaType.of(contentType);
        if (type.is(BATCH)) {
            throw new ProblemException(Problem.unsupportedMediaType("a record holds one event, and this is a batch"));
        }
        if (type.is(STRUCTURED) || context.isEmpty()) {
            if (value.length == 0) {
                throw Attributes.bad("not-json", "the value is empty; an event is a JSON object");
            }
            return new DocumentReader(account, value).readOne(!type.is(STRUCTURED));
        }
        Attributes attributes = new Attributes();
        context.forEach((name, text) -> attributes.put(name(PREFIX + name), text));
        return binary(account, attributes, type, value);
    }

    private static Event binary(String account, HttpCall call, MediaType type) {
        if (type.isForm()) {
            // the server has parsed the form, so its bytes are not available
            throw new ProblemException(Problem.unsupportedMediaType(
                    "the data of an event cannot be a form" + "; send it as " + PLAIN + type.described()));
        }
        Attributes attributes = new Attributes();
        for (String header : call.headers().keySet()) {
            if (header.startsWith(PREFIX)) {
                attributes.put(name(header), HeaderText.decode(header, call.header(header)));
            }
        }
        return binary(account, attributes, type, call.body());
    }

    private static Event binary(String account, Attributes attributes, MediaType type, byte[] data) {
        attributes.checkSpecVersion(false);
        attributes.checkAccount(account);
        if (type.text() != null) {
            attributes.put("datacontenttype", type.text());
        }
        byte[] document = document(account, attributes, type, data);
        return DocumentReader.event(account, attributes, document, data);
    }

    private static String name(String header) {
        String name = header.substring(PREFIX.length());
        if (!ATTRIBUTE_NAME.matcher(name).matches() || name.equals("data") || name.equals("datacontenttype")) {
            throw Attributes.bad(
                    "bad-attribute",
                    "header '" + header + "' names no attribute that CloudEvents allows; the type of the data is the"
                            + " Content-Type, and names are lower-case letters and digits");
        }
        return name;
    }

    /** Builds the structured form from attributes and data. */
    private static byte[] document(String account, Attributes attributes, MediaType type, byte[] data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(data.length + 512);
        try (JsonGenerator json = EventJson.mapper().getFactory().createGenerator(out)) {
            json.writeStartObject();
            for (Map.Entry<String, String> attribute : attributes.all().entrySet()) {
                json.writeStringField(attribute.getKey(), attribute.getValue());
            }
            if (data.length > 0 && type.isJson()) {
                DataCheck.check(account, data);
                json.writeFieldName("data");
                json.writeRawValue(new String(data, StandardCharsets.UTF_8));
            } else if (data.length > 0) {
                json.writeStringField("data_base64", Base64.getEncoder().encodeToString(data));
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A parsed Content-Type. */
    private record MediaType(String text, String name) {
        static MediaType of(String header) {
            if (header == null || header.isBlank()) {
                return new MediaType(null, "");
            }
            String[] parts = header.split(";");
            for (int i = 1; i < parts.length; i++) {
                String parameter = parts[i].trim().toLowerCase(Locale.ROOT).replace("\"", "");
                if (parameter.startsWith("charset=") && !parameter.equals("charset=utf-8")) {
                    throw new ProblemException(
                            Problem.unsupportedMediaType("the charset must be utf-8, not " + parts[i].trim()));
                }
            }
            return new MediaType(header.trim(), parts[0].trim().toLowerCase(Locale.ROOT));
        }

        boolean is(String other) {
            return name.equals(other);
        }

        boolean isJson() {
            return name.equals(PLAIN) || name.equals("text/json") || name.endsWith("+json");
        }

        boolean isForm() {
            return name.startsWith("application/x-www-form-urlencoded") || name.startsWith("multipart/form-data");
        }

        String described() {
            return text == null ? "; the Content-Type is missing" : ", not " + Attributes.shortened(text);
        }
    }
}
