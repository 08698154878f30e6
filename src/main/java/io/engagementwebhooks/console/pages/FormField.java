package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.webhook.Fifo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A field of the builder's form for one member of a definition. Immutable.
 *
 * @param group the destination or kind of authentication that shows it; empty: all
 * @param name of the form's field
 * @param pointer to the member
 * @param kind of its value
 * @param usual default of the member; typed as it is, the member stays left out
 */
record FormField(String group, String name, String pointer, Kind kind, String usual) {

    static final String URL = "http";
    static final String CONNECTION = "connection";
    /** Prefix of a kind of authentication. */
    static final String AUTH = "auth-";

    static final List<FormField> ALL = List.of(
            of("", "name", "/name", Kind.NEEDED),
            of(URL, "url", "/delivery/url", Kind.TEXT),
            new FormField(URL, "method", "/delivery/method", Kind.TEXT, "POST"),
            new FormField(URL, "signature", "/delivery/signature", Kind.TEXT, "standard"),
            of(URL, "signing-keys", "/delivery/signingKeys", Kind.LINES),
            of(URL, "headers", "/delivery/headers", Kind.TEXTS),
            of("", "timeout", "/delivery/timeout", Kind.TEXT),
            of("", "rate-limit", "/delivery/rateLimit", Kind.TEXT),
            of(AUTH + "header", "user", "/delivery/authentication/user", Kind.TEXT),
            of(AUTH + "api-key", "key-header", "/delivery/authentication/header", Kind.TEXT),
            of(AUTH + "oauth2", "client", "/delivery/authentication/client", Kind.TEXT),
            of(CONNECTION, "connection", "/delivery/authentication/connection", Kind.NEEDED),
            of("salesforce", "operation", "/delivery/salesforce/operation", Kind.TEXT),
            of("salesforce", "object", "/delivery/salesforce/object", Kind.TEXT),
            of("salesforce", "external-id", "/delivery/salesforce/externalId", Kind.TEXT),
            of("salesforce", "external-value", "/delivery/salesforce/externalIdValue", Kind.PROGRAM),
            of("salesforce", "fields", "/delivery/salesforce/fields", Kind.PROGRAMS),
            of("contentsquare", "session", "/delivery/contentsquare/session", Kind.TEXT),
            of("contentsquare", "fields", "/delivery/contentsquare/fields", Kind.PROGRAMS),
            of("", "wait-field", "/delivery/waitFor/field", Kind.TEXT),
            of("", "wait-most", "/delivery/waitFor/atMost", Kind.TEXT),
            new FormField("", "fifo-key", "/delivery/fifo/key", Kind.TEXT, Fifo.DEFAULT_KEY),
            of("", "fifo-skip", "/delivery/fifo/skipAfter", Kind.TEXT),
            of("", "max-age", "/maxAge", Kind.TEXT),
            of("", "give-up-on", "/giveUpOn", Kind.STATUSES),
            of("", "disable-after", "/disableAfter", Kind.TEXT));

    private static final JsonMapper JSON = new JsonMapper();

    /** Type of a value. */
    enum Kind {
        TEXT,
        /** A text that stays when it is empty. */
        NEEDED,
        /** A text or an object. */
        PROGRAM,
        /** One per line. */
        LINES,
        /** Lines of names and texts. */
        TEXTS,
        /** Lines of names and texts or objects. */
        PROGRAMS,
        /** HTTP statuses separated by commas. */
        STATUSES
    }

    private static FormField of(String group, String name, String pointer, Kind kind) {
        return new FormField(group, name, pointer, kind, "");
    }

    private String owner() {
        return pointer.substring(0, pointer.lastIndexOf('/'));
    }

    /** The member as typed text; empty if it is left out. */
    String typed(JsonNode definition) {
        JsonNode value = definition.at(pointer);
        return switch (kind) {
            case TEXT, NEEDED -> definition.at(owner()).isMissingNode() ? "" : value.asText(usual);
            case PROGRAM -> Pairs.PROGRAMS.typed(value);
            case TEXTS -> Pairs.TEXTS.lines(value);
            case PROGRAMS -> Pairs.PROGRAMS.lines(value);
            case LINES -> {
                List<String> lines = new ArrayList<>();
                value.forEach(item -> lines.add(Pairs.PROGRAMS.typed(item)));
                yield String.join("\n", lines);
            }
            case STATUSES -> String.join(", ", WebhookForm.texts(value));
        };
    }

    /**
     * Puts the typed value into a definition, or removes the member if it is empty.
     *
     * @param before the definition as shown
     */
    void put(ObjectNode definition, Form form, JsonNode before) {
        JsonNode value = value(form, before.at(pointer));
        boolean isLeftOut =
                value.isContainerNode() ? value.isEmpty() : value.asText().isEmpty() && kind != Kind.NEEDED;
        boolean isUsual = !usual.isEmpty() && value.asText().equals(usual);
        String member = pointer.substring(owner().length() + 1);
        if (!isLeftOut) {
            definition.withObject(owner()).set(member, value);
        }
        if ((isLeftOut || isUsual) && definition.at(owner()) instanceof ObjectNode object) {
            object.remove(member);
        }
    }

    private JsonNode value(Form form, JsonNode before) {
        String text = form.text(name);
        ArrayNode list = JSON.createArrayNode();
        return switch (kind) {
            case TEXT, NEEDED -> TextNode.valueOf(text);
            case PROGRAM -> Pairs.PROGRAMS.value(text);
            case TEXTS -> Pairs.TEXTS.object(form.raw(name), before);
            case PROGRAMS -> Pairs.PROGRAMS.object(form.raw(name), before);
            case LINES -> {
                text.lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .forEach(line -> list.add(Pairs.PROGRAMS.value(line)));
                yield list;
            }
            case STATUSES -> {
                parts(text).forEach(part -> list.add(status(part)));
                yield list;
            }
        };
    }

    private static JsonNode status(String text) {
        return text.matches("\\d{1,9}")
                ? JSON.getNodeFactory().numberNode(Integer.parseInt(text))
                : TextNode.valueOf(text);
    }

    /** Parts separated by commas or spaces. */
    static List<String> parts(String text) {
        return Arrays.stream(text.replaceAll("[\\[\\]]", "").split("[,\\s]+"))
                .filter(part -> !part.isEmpty())
                .toList();
    }
}
