package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.Confidential;
import io.engagementwebhooks.webhook.Tls;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The request to an HTTP receiver: exactly these bytes and headers, and no others. Not thread-safe; it belongs to one
 * exchange.
 */
public final class OutgoingRequest {

    /** In place of an account: a request of the operator's, such as one for single sign-on. */
    public static final String OPERATOR = "";

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String AUTHORIZATION = "Authorization";

    private final String account;
    private final URI url;
    private final String method;
    private final byte[] body;
    private final Tls tls;
    private final boolean lasting;
    private Instant deadline;
    private final Timing timing;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final Set<String> credentials = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

    /**
     * @param account whose request it is, or {@link #OPERATOR}
     * @param url the receiver
     * @param method the HTTP method
     * @param body the bytes sent
     * @param deadline when the whole attempt ends, a second send after a token renewal included
     */
    public OutgoingRequest(String account, URI url, String method, byte[] body, Instant deadline) {
        this(account, url, method, body, deadline, Tls.DEFAULT);
    }

    /** As above, with our certificate and the authorities trusted. */
    public OutgoingRequest(String account, URI url, String method, byte[] body, Instant deadline, Tls tls) {
        this(account, url, method, body, deadline, tls, false, new Timing());
    }

    private OutgoingRequest(
            String account,
            URI url,
            String method,
            byte[] body,
            Instant deadline,
            Tls tls,
            boolean lasting,
            Timing timing) {
        this.account = account;
        this.url = url;
        this.method = method;
        this.body = body;
        this.deadline = deadline;
        this.tls = tls;
        this.lasting = lasting;
        this.timing = timing;
        credentials.add(AUTHORIZATION);
    }

    /** As above, as a part of what a timing measures. */
    public static OutgoingRequest measured(
            String account, URI url, String method, byte[] body, Instant deadline, Timing timing) {
        return new OutgoingRequest(account, url, method, body, deadline, Tls.DEFAULT, false, timing);
    }

    /**
     * What the component of a third party sends, for the record of the attempt only: the component makes it once more and adds
     * its token.
     *
     * @param url where to, or a path under what the third party tells with the token
     * @param json its body
     * @param timing of the attempt: what was sent in its place before, as a part of a larger request, took its time too
     */
    public static OutgoingRequest byComponent(URI url, String method, byte[] json, Timing timing) {
        OutgoingRequest request = new OutgoingRequest(OPERATOR, url, method, json, null, Tls.DEFAULT, true, timing);
        request.header("Content-Type", "application/json");
        request.bearer();
        return request;
    }

    /** Says for the record that whoever sends it adds a token. */
    public void bearer() {
        credential(AUTHORIZATION, "Bearer " + Confidential.MASK);
    }

    /** Whether its body is to be kept even if it arrives: a third party had a say in it, so that it cannot be made anew. */
    public boolean isLasting() {
        return lasting;
    }

    /** Whose request it is, or {@link #OPERATOR}. */
    public String account() {
        return account;
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

    /** Whether the body is a form's fields. */
    public boolean isForm() {
        String type = header("Content-Type");
        return type != null && type.regionMatches(true, 0, FORM, 0, FORM.length());
    }

    /** Our certificate, and whom we trust to be the receiver. */
    public Tls tls() {
        return tls;
    }

    /** How long its parts took, once it is sent. */
    public Timing timing() {
        return timing;
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

    /** The headers but for {@code Authorization}: whoever adds the token sets it. */
    public Map<String, String> headersWithoutToken() {
        Map<String, String> others = new LinkedHashMap<>(headers);
        others.keySet().removeIf(AUTHORIZATION::equalsIgnoreCase);
        return others;
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

    /** Sets a header that holds a credential, which is masked wherever it comes back. */
    public void credential(String name, String value) {
        credentials.add(name);
        header(name, value);
    }

    /** The values of the headers that hold credentials: Authorization, and those set as {@link #credential}. */
    public List<String> credentials() {
        return headers.entrySet().stream()
                .filter(header -> credentials.contains(header.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    /** Whether a header holds a credential. */
    boolean isCredential(String name) {
        return credentials.contains(name);
    }

    /** Without headers, which hold secrets. */
    @Override
    public String toString() {
        return method + " " + url.getScheme() + "://" + url.getAuthority();
    }
}
