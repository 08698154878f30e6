package io.engagementwebhooks.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.Operation;
import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.HttpCall;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.support.CamelContextHelper;
import org.apache.camel.support.DefaultExchange;

/**
 * Runs steps of the REST API in this process for the signed-in user. Pages can do exactly what the API can, with the
 * same rules and roles. Thread-safe.
 */
public record Api(CamelContext context) {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /**
     * A response of a step.
     *
     * @param view as the step created it; null: none
     * @param tag the version of the resource, or null
     * @param next position of the rest of a truncated list, or null: it is complete
     */
    public record Answer(Object view, String tag, String next) {

        /** The view, cast to its type. */
        public <T> T as(Class<T> type) {
            return type.cast(view);
        }
    }

    /**
     * Reads.
     *
     * @param id of the operation
     * @param names of resources in its path
     * @throws ProblemException as the API would respond
     */
    public Answer get(Session session, String id, Map<String, String> query, String... names) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        query.forEach((name, value) -> {
            if (value != null && !value.isEmpty()) {
                parameters.put(name, List.of(value));
            }
        });
        return call(session, id, Map.of(), parameters, new byte[0], names);
    }

    public Answer get(Session session, String id, String... names) {
        return get(session, id, Map.of(), names);
    }

    /** A page of a list. @param type of its items */
    public <T> ListView<T> list(Session session, String id, Map<String, String> query, Class<T> type, String... names) {
        ListView<?> list = get(session, id, query, names).as(ListView.class);
        return list.of(type);
    }

    /** Whether the account has a signing key. */
    public boolean signs(Session session) {
        return !get(session, "list-signing-keys", Map.of("limit", "1"))
                .as(ListView.class)
                .items()
                .isEmpty();
    }

    /** Creates a resource, or replaces it. @param name empty: a new one @param tag the version to replace */
    public Answer save(Session session, String kind, String name, Object definition, String tag) {
        return name.isEmpty()
                ? post(session, "create-" + kind, definition)
                : send(session, "replace-" + kind, definition, tag, name);
    }

    /** Changes. @param body is written as JSON; null: none */
    public Answer post(Session session, String id, Object body, String... names) {
        return send(session, id, body, null, names);
    }

    /** As {@link #post}. @param tag the required version, or null: any */
    public Answer send(Session session, String id, Object body, String tag, String... names) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        headers.put("content-type", List.of("application/json"));
        if (tag != null && !tag.isEmpty()) {
            headers.put("if-match", List.of(tag));
        }
        return call(session, id, headers, Map.of(), bytes(body), names);
    }

    private static byte[] bytes(Object body) {
        try {
            return body == null ? new byte[0] : JSON.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what is sent to the API is JSON", e);
        }
    }

    private Answer call(
            Session session,
            String id,
            Map<String, List<String>> headers,
            Map<String, List<String>> query,
            byte[] body,
            String... names) {
        Operation operation = Operation.of(id);
        if (!operation.access().allows(session.caller().key().role())) {
            throw wrongRole(session, operation.method().equals("GET") ? "read this" : "change anything");
        }
        Processor step = CamelContextHelper.mandatoryLookup(context, id, Processor.class);
        Exchange exchange = new DefaultExchange(context);
        exchange.setProperty(CallerAuthentication.CALLER, session.caller());
        exchange.setProperty(
                CallerAuthentication.CALL,
                new HttpCall(operation.method(), operation.path(names), headers, query, body));
        try {
            step.process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        if (exchange.getException() instanceof RuntimeException e) {
            throw e;
        }
        if (exchange.getException() != null) {
            throw new IllegalStateException("step '" + id + "' failed", exchange.getException());
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
    public static JsonNode tree(Object view) {
        return JSON.valueToTree(view);
    }

    /** An address with a query; parameters without a value are left out. */
    public static String address(String path, Map<String, String> query) {
        String parameters = query.entrySet().stream()
                .filter(each -> !each.getValue().isEmpty())
                .map(each -> each.getKey() + "=" + encoded(each.getValue()))
                .collect(Collectors.joining("&"));
        return parameters.isEmpty() ? path : path + "?" + parameters;
    }

    /** A name encoded for a path. */
    public static String encoded(String name) {
        return Operation.encoded(name);
    }
}
