package io.engagementwebhooks.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.HttpCall;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.Caller;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;

/**
 * A request to the API. The resource is the decoded path segment.
 *
 * @param caller the authenticated caller
 * @param call the request
 */
public record ApiRequest(Caller caller, HttpCall call) {

    private static final int PLACE_OF_THING = 2;
    private static final int MAX_NESTING = 40;
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** Skips members: each is parsed separately and reports its own errors. */
    private static final JsonFactory MEMBERS = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    static {
        JSON.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_NESTING)
                        .build());
    }

    public static ApiRequest of(Exchange exchange) {
        return new ApiRequest(CallerAuthentication.caller(exchange), CallerAuthentication.call(exchange));
    }

    public String account() {
        return caller.account().id();
    }

    /** The name or id in {@code /v1/<kind>/<thing>}. */
    public String resource() {
        return segment(PLACE_OF_THING);
    }

    /** A decoded path segment. @param place counted from 0 */
    public String segment(int place) {
        List<String> segments = Arrays.stream(call.path().substring(1).split("/"))
                .map(ApiRequest::decoded)
                .toList();
        // the router resolves these, so the segments would not be those it matched
        if (segments.size() <= place
                || segments.stream().anyMatch(s -> s.isEmpty() || s.equals(".") || s.equals(".."))) {
            throw new ProblemException(Problem.notFound("there is nothing at " + call.path()));
        }
        return segments.get(place);
    }

    private static String decoded(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(Problem.badRequest("bad-path", "the path is not percent-encoded UTF-8"));
        }
    }

    /** The query's parameters. @param known allowed names */
    public Parameters parameters(String... known) {
        return Parameters.of(call.query(), List.of(known));
    }

    /**
     * The body: a JSON object with known members, or empty.
     *
     * @return an empty object if the body is empty
     */
    public JsonNode body(Set<String> known) {
        refuseForm();
        if (call.body().length == 0) {
            return JSON.createObjectNode();
        }
        JsonNode body = parsed(call.body());
        if (!body.isObject()) {
            throw badBody("the body must be a JSON object, or empty");
        }
        body.fieldNames().forEachRemaining(name -> refuseUnknown(name, known));
        return body;
    }

    private static void refuseUnknown(String name, Set<String> known) {
        if (!known.contains(name)) {
            throw badBody("the body has no member '" + Parameters.shortened(name) + "'; "
                    + (known.isEmpty() ? "send {} or nothing" : "known: " + String.join(", ", known)));
        }
    }

    /**
     * The members of the body, each as its original text, because the spelling of numbers is part of an event. The body
     * may be empty.
     */
    public Map<String, String> members(Set<String> known) {
        refuseForm();
        Map<String, String> members = new LinkedHashMap<>();
        if (call.body().length == 0) {
            return members;
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(call.body()))
                    .toString();
            String json = text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
            try (JsonParser parser = MEMBERS.createParser(json)) {
                read(parser, json, known, members);
            }
        } catch (IOException e) {
            throw notJson(e);
        }
        return members;
    }

    private static void read(JsonParser parser, String text, Set<String> known, Map<String, String> members)
            throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw badBody("the body must be a JSON object, or empty");
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            refuseUnknown(name, known);
            parser.nextToken();
            int start = (int) parser.currentTokenLocation().getCharOffset();
            parser.skipChildren();
            parser.finishToken();
            String member = text.substring(start, (int) parser.currentLocation().getCharOffset());
            if (members.put(name, member) != null) {
                throw badBody("the body has member '" + name + "' twice");
            }
        }
        if (parser.nextToken() != null) {
            throw notJson();
        }
    }

    /** The body: a required JSON object. */
    public ObjectNode definition() {
        refuseForm();
        if (call.body().length == 0) {
            throw badBody("there is no body; send a JSON object");
        }
        if (parsed(call.body()) instanceof ObjectNode object) {
            return object;
        }
        throw badBody("the body must be a JSON object");
    }

    /**
     * Requires {@code If-Match} with the current version (RFC 9110, 13.1.1).
     *
     * @param version the text of the strong entity tag
     */
    public void mustMatch(String version) {
        List<String> tags = call.headers().getOrDefault("if-match", List.of()).stream()
                .flatMap(value -> Arrays.stream(value.split(",")))
                .map(String::strip)
                .toList();
        if (tags.isEmpty()) {
            throw new ProblemException(Problem.preconditionRequired(
                    "send the ETag that you read as 'If-Match', so that you do not overwrite another user's change"));
        }
        if (!tags.contains("*") && !tags.contains(Answered.quoted(version))) {
            throw new ProblemException(Problem.editConflict(
                    "this was changed after you read it; read it again and apply your change to the current version"));
        }
    }

    /** The server parses forms itself and leaves no body: a form is refused. */
    private void refuseForm() {
        String type = call.header("content-type");
        String lower = type == null ? "" : type.toLowerCase(Locale.ROOT);
        if (lower.startsWith("application/x-www-form-urlencoded") || lower.startsWith("multipart/")) {
            throw new ProblemException(Problem.unsupportedMediaType(
                    "send the body as application/json, not as the form " + Parameters.shortened(type)));
        }
    }

    /** A member of {@link #members}, parsed; a missing node if it is missing. */
    public static JsonNode parsed(String member) {
        return member == null ? MissingNode.getInstance() : parsed(member.getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode parsed(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw notJson(e);
        }
    }

    private static ProblemException notJson(IOException e) {
        return e instanceof StreamConstraintsException
                ? badBody("the body is nested deeper than " + MAX_NESTING + " levels, or has a number of more than "
                        + EventJson.MAX_DIGITS + " characters")
                : notJson();
    }

    private static ProblemException notJson() {
        return badBody("the body is not JSON; send a JSON object, or nothing");
    }

    public static ProblemException badBody(String detail) {
        return new ProblemException(Problem.badRequest("bad-body", detail));
    }
}
