package io.engagementwebhooks.deliver.request;

import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.webhook.auth.Tls;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * A request as it is sent, with exactly these bytes and headers. Only the sender sees credentials among them. Not
 * thread-safe.
 */
public final class OutgoingRequest {

    /** The account of the operator's requests, such as those for single sign-on. */
    public static final String OPERATOR = "";

    /** The header of credentials. */
    public static final String AUTHORIZATION = "Authorization";

    private static final String FORM = "application/x-www-form-urlencoded";

    private final String account;
    private final URI url;
    private final String method;
    private final byte[] body;
    private final Tls tls;
    private final boolean lasting;
    private final Instant deadline;
    private final Timing timing;

    /** Alternating names and values; a value is a {@link String} or a {@link Credential}. */
    private final List<Object> headers = new ArrayList<>(24);

    /**
     * @param account the owner, or {@link #OPERATOR}
     * @param url the receiver
     * @param method the HTTP method
     * @param body the bytes sent
     * @param deadline of the attempt, including a second request after a token renewal
     */
    public OutgoingRequest(String account, URI url, String method, byte[] body, Instant deadline) {
        this(account, url, method, body, deadline, Tls.DEFAULT);
    }

    /** As above, with a client certificate and trusted authorities. */
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
    }

    /** As above; its durations are added to the given timing. */
    public static OutgoingRequest measured(
            String account, URI url, String method, byte[] body, Instant deadline, Timing timing) {
        return measured(account, url, method, body, deadline, Tls.DEFAULT, timing);
    }

    static OutgoingRequest measured(
            String account, URI url, String method, byte[] body, Instant deadline, Tls tls, Timing timing) {
        return new OutgoingRequest(account, url, method, body, deadline, tls, false, timing);
    }

    /**
     * A request of a third party's Camel component, for the record only: the component builds it again and adds its
     * token.
     *
     * @param url the URL, or a path below the base URL that comes with the token
     * @param json the body
     * @param timing of the attempt, which includes an earlier request of a batch
     */
    public static OutgoingRequest byComponent(URI url, String method, byte[] json, Timing timing) {
        OutgoingRequest request = new OutgoingRequest(OPERATOR, url, method, json, null, Tls.DEFAULT, true, timing);
        request.header("Content-Type", "application/json");
        request.bearer();
        return request;
    }

    /** An e-mail, for the record of the attempt only: the component makes it once more. */
    public static OutgoingRequest email(URI to, String method, String text, Timing timing) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        return new OutgoingRequest(OPERATOR, to, method, body, null, Tls.DEFAULT, true, timing);
    }

    /** Notes for the record that the sender adds a token. */
    public void bearer() {
        credential(AUTHORIZATION, "Bearer " + Redactor.MASK);
    }

    /** Whether the body is stored even after a success, since it depends on a third party and cannot be rebuilt. */
    public boolean isLasting() {
        return lasting;
    }

    /** The account of the request, or {@link #OPERATOR}. */
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

    /** Whether the content type is that of an HTML form. */
    public boolean isForm() {
        String type = header("Content-Type");
        return type != null && type.regionMatches(true, 0, FORM, 0, FORM.length());
    }

    /** The client certificate, and the authorities trusted for the receiver. */
    public Tls tls() {
        return tls;
    }

    /** The durations of its parts, once sent. */
    public Timing timing() {
        return timing;
    }

    public Instant deadline() {
        return deadline;
    }

    /** Passes each header to the sender, in order, with credentials in clear text. */
    public void forEachHeader(BiConsumer<String, String> sender) {
        for (int i = 0; i < headers.size(); i += 2) {
            sender.accept((String) headers.get(i), clear(headers.get(i + 1)));
        }
    }

    /** As above, with credentials as {@link Credential}. */
    void forEach(BiConsumer<String, Object> reader) {
        for (int i = 0; i < headers.size(); i += 2) {
            reader.accept((String) headers.get(i), headers.get(i + 1));
        }
    }

    static String clear(Object value) {
        return value instanceof Credential credential ? credential.value.reveal() : value.toString();
    }

    /** A header's value, masked if it is a credential, by its case-insensitive name; null if missing. */
    public String header(String name) {
        int at = at(name);
        return at < 0 ? null : headers.get(at + 1).toString();
    }

    /** Sets or replaces a header. {@code Authorization} is a credential. */
    public void header(String name, String value) {
        if (name.equalsIgnoreCase(AUTHORIZATION)) {
            credential(name, value);
        } else {
            set(name, value);
        }
    }

    /** Sets a header that holds a credential, masked wherever a response repeats it. */
    public void credential(String name, String value) {
        set(name, Credential.of(value, url));
    }

    private void set(String name, Object value) {
        int at = at(name);
        if (at < 0) {
            add(name, value);
        } else {
            headers.set(at, name);
            headers.set(at + 1, value);
        }
    }

    /** Adds a header that is not there yet. */
    void add(String name, Object value) {
        headers.add(name);
        headers.add(value);
    }

    private int at(String name) {
        for (int i = 0; i < headers.size(); i += 2) {
            if (name.equalsIgnoreCase((String) headers.get(i))) {
                return i;
            }
        }
        return -1;
    }

    /** Without headers, which may hold secrets. */
    @Override
    public String toString() {
        return method + " " + url.getScheme() + "://" + url.getAuthority();
    }
}
