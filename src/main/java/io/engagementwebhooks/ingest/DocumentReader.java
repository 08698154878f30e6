package io.engagementwebhooks.ingest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.server.ProblemException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Reads events in structured form token by token. It keeps the exact bytes of {@code data} and builds no tree. */
final class DocumentReader {

    private static final byte[] NOTHING = {};
    private static final int MAX_EXPONENT_DIGITS = 9;
    private static final byte[] SPEC_VERSION = "\"specversion\":\"1.0\",".getBytes(StandardCharsets.US_ASCII);

    private final String account;
    private final byte[] text;

    /** @throws ProblemException if the text is not UTF-8 */
    DocumentReader(String account, byte[] text) {
        this.account = account;
        this.text = withoutByteOrderMark(text);
        checkUtf8(this.text);
    }

    private static byte[] withoutByteOrderMark(byte[] text) {
        boolean marked = text.length >= 3 && text[0] == (byte) 0xEF && text[1] == (byte) 0xBB && text[2] == (byte) 0xBF;
        return marked ? Arrays.copyOfRange(text, 3, text.length) : text;
    }

    private static void checkUtf8(byte[] text) {
        try {
            // decoding takes memory
            if (!isAscii(text)) {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
            }
        } catch (CharacterCodingException e) {
            throw Attributes.bad("not-utf8", "the body is not valid UTF-8");
        }
        // a zero byte among the first ones means UTF-16 or UTF-32
        for (int i = 0; i < Math.min(4, text.length); i++) {
            if (text[i] == 0) {
                throw Attributes.bad("not-utf8", "the body is not UTF-8: it starts like UTF-16 or UTF-32");
            }
        }
    }

    private static boolean isAscii(byte[] text) {
        for (byte each : text) {
            if (each < 0) {
                return false;
            }
        }
        return true;
    }

    Event readOne(boolean plain) {
        return parsed(parser -> {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Attributes.bad("not-an-object", "the event must be a JSON object");
            }
            Event event = event(parser, plain);
            end(parser);
            return event;
        });
    }

    /** Checks that the text is exactly one JSON value. */
    void checkSingleValue() {
        parsed(parser -> {
            parser.nextToken();
            parser.skipChildren();
            parser.finishToken();
            end(parser);
            return null;
        });
    }

    List<Event> batch() {
        return parsed(parser -> {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw Attributes.bad("not-an-array", "a batch must be a JSON array of events");
            }
            List<Event> events = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                events.add(item(parser, events.size()));
            }
            end(parser);
            return events;
        });
    }

    private Event item(JsonParser parser, int index) throws IOException {
        try {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                throw Attributes.bad("not-an-object", "the event must be a JSON object");
            }
            return event(parser, false);
        } catch (ProblemException e) {
            throw new ProblemException(e.problem().at(index));
        } catch (JsonProcessingException e) {
            throw new ProblemException(notJson(e).problem().at(index));
        }
    }

    private interface AttributeReader<T> {
        T from(JsonParser parser) throws IOException;
    }

    private <T> T parsed(AttributeReader<T> reading) {
        try (JsonParser parser = EventJson.factory().createParser(text)) {
            return reading.from(parser);
        } catch (JsonProcessingException e) {
            throw notJson(e);
        } catch (IOException e) {
            throw Attributes.bad("not-json", "the body is not JSON");
        }
    }

    private static ProblemException notJson(JsonProcessingException e) {
        if (e instanceof StreamConstraintsException && e.getOriginalMessage().contains("nesting depth")) {
            return Attributes.bad("too-deep", "the body is nested deeper than " + EventJson.MAX_NESTING + " levels");
        }
        if (e instanceof StreamConstraintsException && e.getOriginalMessage().contains("Number value length")) {
            return Attributes.bad("bad-number", "a number has more than " + EventJson.MAX_DIGITS + " characters");
        }
        String where = e.getLocation() == null
                ? ""
                : " at line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr();
        if (e.getOriginalMessage().startsWith("Duplicate field")) {
            return Attributes.bad("duplicate-key", "an object has the same key twice" + where + ": " + message(e));
        }
        return Attributes.bad("not-json", "the body is not JSON" + where + ": " + message(e));
    }

    /** The parser's message, without its settings and class names. */
    private static String message(JsonProcessingException e) {
        return e instanceof JsonEOFException
                ? "it ends too early"
                : e.getOriginalMessage().replaceFirst("(?s): enable `.*|\\s*\\(?[^()]*\\[Source:.*", "");
    }

    private static void end(JsonParser parser) throws IOException {
        if (parser.nextToken() != null) {
            throw Attributes.bad("not-json", "there is more text after the JSON");
        }
    }

    private Event event(JsonParser parser, boolean plain) throws IOException {
        int start = (int) parser.currentTokenLocation().getByteOffset();
        Attributes attributes = new Attributes();
        byte[] data = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "data" -> data = once(data, rawValue(parser));
                case "data_base64" -> data = once(data, decoded(parser));
                case "id", "source", "type", "subject", "time", "specversion", "account", "datacontenttype" ->
                    attribute(attributes, name, parser);
                default -> skip(parser);
            }
        }
        int end = (int) parser.currentLocation().getByteOffset();
        attributes.checkAccount(account);
        attributes.checkSpecVersion(plain);
        return event(account, attributes, document(start, end, attributes), data == null ? NOTHING : data);
    }

    private static byte[] once(byte[] before, byte[] data) {
        if (before != null) {
            throw Attributes.bad("bad-data", "an event has either 'data' or 'data_base64', not both");
        }
        return data;
    }

    private static void attribute(Attributes attributes, String name, JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw Attributes.bad("bad-attribute", "'" + name + "' must be a string");
        }
        attributes.put(name, parser.getText());
    }

    private byte[] rawValue(JsonParser parser) throws IOException {
        int start = (int) parser.currentTokenLocation().getByteOffset();
        if (parser.currentToken().isStructStart()) {
            skip(parser);
        } else {
            parser.finishToken();
            checkNumber(parser);
        }
        return Arrays.copyOfRange(text, start, (int) parser.currentLocation().getByteOffset());
    }

    /** Skips a value. */
    private static void skip(JsonParser parser) throws IOException {
        int depth = 0;
        do {
            JsonToken token = parser.currentToken();
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            checkNumber(parser);
        } while (depth > 0 && parser.nextToken() != null);
    }

    /** Refuses numbers that JSON allows and Java cannot hold: they would fail wherever the event is evaluated. */
    private static void checkNumber(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_FLOAT) {
            return;
        }
        char[] text = parser.getTextCharacters();
        int end = parser.getTextOffset() + parser.getTextLength();
        int first = end;
        for (int i = end - 1; i >= parser.getTextOffset() && text[i] != '.'; i--) {
            if (text[i] == 'e' || text[i] == 'E') {
                if (end - first > MAX_EXPONENT_DIGITS) {
                    throw Attributes.bad(
                            "bad-number",
                            "a number's exponent must have " + MAX_EXPONENT_DIGITS + " digits at most, at line "
                                    + parser.currentTokenLocation().getLineNr() + ", column "
                                    + parser.currentTokenLocation().getColumnNr());
                }
                return;
            }
            first = text[i] >= '1' && text[i] <= '9' ? i : first;
        }
    }

    private static byte[] decoded(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            try {
                return Base64.getDecoder().decode(parser.getText());
            } catch (IllegalArgumentException e) {
                // reported below
            }
        }
        throw Attributes.bad("bad-data", "'data_base64' must be a string of Base64");
    }

    /** The bytes as sent; {@code specversion} is added to plain JSON without it. */
    private byte[] document(int start, int end, Attributes attributes) {
        if (attributes.get("specversion") != null) {
            return start == 0 && end == text.length ? text : Arrays.copyOfRange(text, start, end);
        }
        byte[] document = new byte[end - start + SPEC_VERSION.length];
        document[0] = '{';
        System.arraycopy(SPEC_VERSION, 0, document, 1, SPEC_VERSION.length);
        System.arraycopy(text, start + 1, document, 1 + SPEC_VERSION.length, end - start - 1);
        return document;
    }

    static Event event(String account, Attributes attributes, byte[] document, byte[] data) {
        String id = attributes.required("id");
        String source = attributes.required("source");
        if (source.equals(Event.SYSTEM_SOURCE)) {
            throw Attributes.bad(
                    "reserved-source",
                    "'source' must not be " + Event.SYSTEM_SOURCE
                            + ": receivers trust that such events are the product's own;"
                            + " use a source of yours, such as /calls");
        }
        if (Event.isTestSource(source)) {
            throw Attributes.bad(
                    "reserved-source",
                    "'source' must not end in #test- and 26 letters or digits: such events are tests, which no statistics"
                            + " count; use another source, such as /calls");
        }
        String type = attributes.required("type");
        String subject = attributes.optional("subject");
        return new Event(
                new EventIdentity(account, source, id),
                type,
                subject == null || subject.isEmpty() ? null : subject,
                attributes.time(),
                document,
                Sha256.of(data));
    }
}
