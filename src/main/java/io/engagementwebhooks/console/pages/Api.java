package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.console.ListView;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.HttpCall;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.Caller;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultExchange;

/**
 * Runs steps of the REST API in this process for the signed-in user. Pages can do exactly what the API can, with the
 * same rules and roles. Thread-safe.
 */
record Api(CamelContext context) {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /** Reads that only role admin may do, as in the API's routes. */
    static final Set<String> READ_BY_ADMINS =
            Set.of("list-api-keys", "show-api-key", "list-audit", "list-portal-sessions", "show-portal-session");

    /**
     * A response of a step.
     *
     * @param view as the step created it; null: none
     * @param tag the version of the resource, or null
     * @param next position of the rest of a truncated list, or null: it is complete
     */
    record Answer(Object view, String tag, String next) {

        /** The view, cast to its type. */
        <T> T as(Class<T> type) {
            return type.cast(view);
        }
    }

    /**
     * Reads.
     *
     * @param step the bean's name
     * @param path as in the API, names encoded by {@link #path}
     * @throws ProblemException as the API would respond
     */
    Answer get(Session session, String step, String path, Map<String, String> query) {
        boolean may = READ_BY_ADMINS.contains(step)
                ? session.mayChange()
                : session.caller().key().role().mayRead() || session.mayOperate();
        if (!may) {
            throw wrongRole(session, "read this");
        }
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        query.forEach((name, value) -> {
            if (value != null && !value.isEmpty()) {
                parameters.put(name, List.of(value));
            }
        });
        return call(session.caller(), step, new HttpCall("GET", path, Map.of(), parameters, new byte[0]));
    }

    Answer get(Session session, String step, String path) {
        return get(session, step, path, Map.of());
    }

    /** A page of a list. @param type of its items */
    <T> ListView<T> list(Session session, String step, String path, Map<String, String> query, Class<T> type) {
        ListView<?> list = get(session, step, path, query).as(ListView.class);
        return list.of(type);
    }

    /** Whether the account has a signing key. */
    boolean signs(Session session) {
        return !get(session, "list-signing-keys", path("signing-keys"), Map.of("limit", "1"))
                .as(ListView.class)
                .items()
                .isEmpty();
    }

    /** Creates a resource, or replaces it. @param name empty: a new one @param tag the version to replace */
    Answer save(Session session, String kind, String name, Object definition, String tag) {
        return name.isEmpty()
                ? post(session, "create-" + kind, path(kind + "s"), definition)
                : send(session, "PUT", "replace-" + kind, path(kind + "s", name), definition, tag);
    }

    /** Deletes a resource. @param tag the version to delete */
    void delete(Session session, String kind, String name, String tag) {
        send(session, "DELETE", "delete-" + kind, path(kind + "s", name), null, tag);
    }

    /** Changes. @param body is written as JSON; null: none */
    Answer post(Session session, String step, String path, Object body) {
        return send(session, "POST", step, path, body, null);
    }

    /** As {@link #post}, with another method. @param tag the required version, or null: any */
    Answer send(Session session, String method, String step, String path, Object body, String tag) {
        if (!session.mayChange()) {
            throw wrongRole(session, "change anything");
        }
        Map<String, List<String>> headers = new LinkedHashMap<>();
        headers.put("content-type", List.of("application/json"));
        if (tag != null && !tag.isEmpty()) {
            headers.put("if-match", List.of(tag));
        }
        return call(session.caller(), step, new HttpCall(method, path, headers, Map.of(), bytes(body)));
    }

    private static byte[] bytes(Object body) {
        try {
            return body == null ? new byte[0] : JSON.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what is sent to the API is JSON", e);
        }
    }

    private Answer call(Caller caller, String step, HttpCall call) {
        Processor processor = context.getRegistry().lookupByNameAndType(step, Processor.class);
        if (processor == null) {
            throw new IllegalStateException("there is no step '" + step + "'");
        }
        Exchange exchange = new DefaultExchange(context);
        exchange.setProperty(CallerAuthentication.CALLER, caller);
        exchange.setProperty(CallerAuthentication.CALL, call);
        try {
            processor.process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        if (exchange.getException() instanceof RuntimeException e) {
            throw e;
        }
        if (exchange.getException() != null) {
            throw new IllegalStateException("step '" + step + "' failed", exchange.getException());
        }
        Message answer = exchange.getMessage();
        return new Answer(
                answer.getBody(),
                answer.getHeader("ETag", String.class),
                answer.getHeader("Next-Cursor", String.class));
    }

    private static ProblemException wrongRole(Session session, String what) {
        return new ProblemException(Problem.forbidden(
                "wrong-role",
                "key '" + session.caller().key().name() + "' may not " + what + "; sign in with a key of role admin"));
    }

    /** A view, or a part of it, as JSON. */
    static JsonNode tree(Object view) {
        return JSON.valueToTree(view);
    }

    /** A path of the API, its names percent-encoded. */
    static String path(String kind, String... names) {
        StringBuilder path = new StringBuilder("/v1/").append(kind);
        for (String name : names) {
            path.append('/').append(encoded(name));
        }
        return path.toString();
    }

    /** An address with a query; parameters without a value are left out. */
    static String address(String path, Map<String, String> query) {
        String parameters = query.entrySet().stream()
                .filter(each -> !each.getValue().isEmpty())
                .map(each -> each.getKey() + "=" + encoded(each.getValue()))
                .collect(Collectors.joining("&"));
        return parameters.isEmpty() ? path : path + "?" + parameters;
    }

    /** A name encoded for a path. */
    static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
