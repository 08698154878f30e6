package io.engagementwebhooks.secrets;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.testkit.Receiver;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A receiver, token endpoint, Salesforce org and Contentsquare in one, on loopback, that tells everybody in headers and
 * body whatever it was sent, in every form it can think of, and fails in turn. The tokens it gives are secrets too.
 */
final class Blabbermouth implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Marker marker;
    private final Receiver receiver = new Receiver(this::answer);
    private final Map<String, AtomicInteger> turns = new java.util.concurrent.ConcurrentHashMap<>();

    private final boolean refuses;

    /** @param refuses whether it gives no one a token */
    Blabbermouth(Marker marker, boolean refuses) {
        this.marker = marker;
        this.refuses = refuses;
    }

    /** Where it takes webhooks; the query is a secret, as many receivers have it. */
    URI hook(String name) {
        return root().resolve("/hook/" + name + "?token=" + marker.token("query-" + name));
    }

    URI root() {
        return URI.create("http://127.0.0.1:" + receiver.url().getPort());
    }

    int requests(String path) {
        return turns.getOrDefault(path, new AtomicInteger()).get();
    }

    private Receiver.Reply answer(Receiver.Got got) {
        String path = got.target().getPath();
        int turn = turns.computeIfAbsent(path, p -> new AtomicInteger()).getAndIncrement();
        if (path.contains("/token")) {
            return refuses ? tokenRefused(got) : token(got, turn);
        }
        if (path.startsWith("/services/data")) {
            return switch (turn % 4) {
                case 0 ->
                    reply(401, "[{\"errorCode\":\"INVALID_SESSION_ID\",\"message\":" + quoted(echo(got)) + "}]", got);
                case 1 ->
                    reply(
                            400,
                            "[{\"errorCode\":\"FIELD_INTEGRITY_EXCEPTION\",\"message\":" + quoted(echo(got)) + "}]",
                            got);
                case 2 -> reply(503, echo(got), got);
                default -> reply(201, "{\"id\":\"00T000000000001AAA\",\"success\":true,\"errors\":[]}", got);
            };
        }
        return switch (turn % 4) {
            case 0 -> reply(500, echo(got), got);
            case 1 -> reply(401, "{\"error\":" + quoted(echo(got)) + "}", got);
            case 2 -> reply(302, echo(got), got);
            default -> reply(200, echo(got), got);
        };
    }

    private Receiver.Reply tokenRefused(Receiver.Got got) {
        ObjectNode refusal = JSON.createObjectNode()
                .put("error", "invalid_client")
                .put("error_description", "your request was " + echo(got).replace('\n', ' '))
                .put("error_uri", "https://errors.example.com/?" + got.body());
        return reply(400, refusal.toString(), got);
    }

    private Receiver.Reply token(Receiver.Got got, int turn) {
        ObjectNode token = JSON.createObjectNode()
                .put("access_token", marker.token("access-token-" + turn))
                .put("token_type", "Bearer")
                .put("expires_in", 3600)
                .put("scope", "enrichment")
                .put("refresh_token", marker.token("refresh-token-" + turn))
                .put("id_token", marker.token("id-token-" + turn))
                .put("signature", marker.token("signature-" + turn))
                .put("instance_url", root().toString())
                .put("id", root() + "/id/00D000000000062EAA/005000000000001AAA")
                .put("issued_at", "1764000000000")
                .put("endpoint", root().toString())
                .put("projectId", 1)
                .put("project_id", 1);
        return reply(200, token.toString(), got);
    }

    private Receiver.Reply reply(int status, String body, Receiver.Got got) {
        String authorization = got.header("Authorization");
        return new Receiver.Reply(
                status,
                Map.of(
                        "Content-Type",
                        "application/json",
                        "X-You-Sent",
                        authorization == null ? "nothing" : authorization,
                        "Location",
                        "https://elsewhere.example.com/?sent="
                                + (authorization == null ? "" : authorization.replace(' ', '+')),
                        "Set-Cookie",
                        "session=" + marker.token("session") + "; HttpOnly",
                        "WWW-Authenticate",
                        "Bearer error=\"invalid_token\", error_description=\"" + authorization + "\""),
                body);
    }

    private static String echo(Receiver.Got got) {
        StringBuilder echo = new StringBuilder(got.method() + " " + got.target().getPath() + "\n");
        got.headers()
                .forEach((name, values) ->
                        echo.append(name).append(": ").append(values).append('\n'));
        echo.append(got.body()).append('\n').append(decoded(got.body()));
        String authorization = got.header("Authorization");
        if (authorization != null) {
            echo.append('\n').append(quoted(authorization));
            if (authorization.startsWith("Basic ")) {
                echo.append('\n')
                        .append(new String(
                                Base64.getDecoder().decode(authorization.substring(6)), StandardCharsets.UTF_8));
            }
        }
        return echo.toString();
    }

    private static String decoded(String form) {
        try {
            return URLDecoder.decode(form, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "no form";
        }
    }

    private static String quoted(String text) {
        return JSON.getNodeFactory().textNode(text).toString();
    }

    @Override
    public void close() {
        receiver.close();
    }
}
