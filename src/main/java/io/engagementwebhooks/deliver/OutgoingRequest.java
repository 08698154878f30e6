package io.engagementwebhooks.deliver;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The request to an HTTP receiver: exactly these bytes and headers, and no others. Not thread-safe; it belongs to one
 * exchange.
 */
public final class OutgoingRequest {

    private final URI url;
    private final String method;
    private final byte[] body;
    private Instant deadline;
    private final Map<String, String> headers = new LinkedHashMap<>();

    /**
     * @param url the receiver
     * @param method the HTTP method
     * @param body the bytes sent
     * @param deadline when the whole attempt ends, a second send after a token renewal included
     */
    public OutgoingRequest(URI url, String method, byte[] body, Instant deadline) {
        this.url = url;
        this.method = method;
        this.body = body;
        this.deadline = deadline;
    }

    public URI url() {
        return url;
    }

    public String method() {
        return method;
    }

    public byte[] body() {
        return body;
    }

    public Instant deadline() {
        return deadline;
    }

    /** Moves the deadline: a token request has its own time-out and does not use up the receiver's time. */
    public void postpone(Duration duration) {
        deadline = deadline.plus(duration);
    }

    /** The headers, in the order they are sent. */
    public Map<String, String> headers() {
        return headers;
    }

    /** The value of a header, its name in any case, or null. */
    public String header(String name) {
        for (Map.Entry<String, String> header : headers.entrySet()) {
            if (header.getKey().equalsIgnoreCase(name)) {
                return header.getValue();
            }
        }
        return null;
    }

    /** Sets a header, replacing one of the same name in any case. */
    public void header(String name, String value) {
        headers.keySet().removeIf(name::equalsIgnoreCase);
        headers.put(name, value);
    }

    /** Without headers, which hold secrets. */
    @Override
    public String toString() {
        return method + " " + url.getScheme() + "://" + url.getAuthority();
    }
}
