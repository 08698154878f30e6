package io.engagementwebhooks.server;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/**
 * A request as received. Camel's message headers mix HTTP headers, query parameters and form fields; this keeps them
 * apart, so that none can pass for another.
 *
 * @param method the HTTP method
 * @param path the path
 * @param headers by lower-case name, all values in their order
 * @param query the query's parameters, decoded, all values in their order
 * @param body the body's bytes
 */
public record HttpCall(
        String method, String path, Map<String, List<String>> headers, Map<String, List<String>> query, byte[] body) {

    private static final byte[] NOTHING = {};

    /** Reads the request of an exchange, or its message if it did not come over HTTP. */
    public static HttpCall of(Exchange exchange) {
        byte[] body = bytes(exchange, exchange.getIn().getBody());
        Map<String, List<String>> headers = new LinkedHashMap<>();
        if (exchange.getIn() instanceof HttpMessage http) {
            HttpServerRequest request = http.getRequest();
            request.headers().forEach(header -> add(headers, header.getKey(), header.getValue()));
            return new HttpCall(
                    request.method().name(),
                    request.path(),
                    headers,
                    query(request.query()),
                    body == null ? NOTHING : body);
        }
        exchange.getIn().getHeaders().forEach((name, value) -> add(headers, name, String.valueOf(value)));
        return new HttpCall("POST", "", headers, Map.of(), body == null ? NOTHING : body);
    }

    /**
     * The bytes of a body; null: there are none. Buffers bypass Camel's converters: after a plain {@link Object} could
     * not be converted, Camel 4.18.0 may find that failure for types looked up later, and the body would read as empty.
     * For the same reason a failed conversion is not cached here.
     */
    static byte[] bytes(Exchange exchange, Object body) {
        if (body instanceof byte[] bytes) {
            return bytes;
        }
        return body instanceof Buffer buffer
                ? buffer.getBytes()
                : exchange.getContext().getTypeConverter().tryConvertTo(byte[].class, exchange, body);
    }

    /** The call with the body that steps produced; null: an empty one. */
    public HttpCall withBody(byte[] made) {
        return made == body ? this : new HttpCall(method, path, headers, query, made == null ? NOTHING : made);
    }

    private static void add(Map<String, List<String>> headers, String name, String value) {
        headers.computeIfAbsent(name.toLowerCase(Locale.ROOT), n -> new ArrayList<>(1))
                .add(value);
    }

    /** The parameters of a query, decoded, as {@link #query()}. @param raw null: there is none */
    public static Map<String, List<String>> query(String raw) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        if (raw == null || raw.isEmpty()) {
            return parameters;
        }
        for (String pair : raw.split("&")) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            parameters
                    .computeIfAbsent(decode(name), n -> new ArrayList<>(1))
                    .add(equals < 0 ? "" : decode(pair.substring(equals + 1)));
        }
        return parameters;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(Problem.badRequest("bad-query", "the query is not percent-encoded"));
        }
    }

    /** The value of a header, or null. @throws ProblemException if there are several */
    public String header(String name) {
        List<String> values = headers.get(name);
        if (values == null) {
            return null;
        }
        if (values.size() > 1) {
            throw new ProblemException(repeated(name, values.size()));
        }
        return values.get(0);
    }

    static Problem repeated(String name, int times) {
        return Problem.badRequest("repeated-header", "header '" + name + "' is given " + times + " times");
    }

    /** Without headers, query and body, which may hold keys: Camel's tracer prints exchange properties. */
    @Override
    public String toString() {
        return method + " " + path + ", " + body.length + " bytes";
    }
}
