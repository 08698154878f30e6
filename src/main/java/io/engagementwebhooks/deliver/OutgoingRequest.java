package io.engagementwebhooks.deliver;

import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.webhook.Tls;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * A request as it is sent: exactly these bytes and headers, and no others. Credentials among the headers are shown only to
 * who sends it. Not thread-safe; it belongs to one exchange.
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
    private final Instant deadline;
    private final Timing timing;

    /** Name and value in turn; a value is a {@link String} or a {@link Credential}. */
    private final List<Object> headers = new ArrayList<>(24);

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
    }

    /** As above, as a part of what a timing measures. */
    public static OutgoingRequest measured(
            String account, URI url, String method, byte[] body, Instant deadline, Timing timing) {
        return measured(account, url, method, body, deadline, Tls.DEFAULT, timing);
    }

    static OutgoingRequest measured(
            String account, URI url, String method, byte[] body, Instant deadline, Tls tls, Timing timing) {
        return new OutgoingRequest(account, url, method, body, deadline, tls, false, timing);
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

    /** Notes for the record that the sender adds a token. */
    public void bearer() {
        credential(AUTHORIZATION, "Bearer " + Redactor.MASK);
    }

    /** Whether its body is to be kept even if it arrives: it depends on a third party, so it cannot be rebuilt. */
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

    /** Hands each header, in the order they are sent, to what sends them: with credentials in clear. */
    public void forEachHeader(BiConsumer<String, String> sender) {
        for (int i = 0; i < headers.size(); i += 2) {
            sender.accept((String) headers.get(i), clear(headers.get(i + 1)));
        }
    }

    /** As above, with credentials as they are. */
    void forEach(BiConsumer<String, Object> reader) {
        for (int i = 0; i < headers.size(); i += 2) {
            reader.accept((String) headers.get(i), headers.get(i + 1));
        }
    }

    static String clear(Object value) {
        return value instanceof Credential credential ? credential.value.reveal() : value.toString();
    }

    /** The value of a header, its name in any case, or null; of a credential, a mask. */
    public String header(String name) {
        int at = at(name);
        return at < 0 ? null : headers.get(at + 1).toString();
    }

    /** Sets a header, replacing one of the same name in any case. {@code Authorization} is a credential. */
    public void header(String name, String value) {
        if (name.equalsIgnoreCase(AUTHORIZATION)) {
            credential(name, value);
        } else {
            set(name, value);
        }
    }

    /** Sets a header that holds a credential, which is masked wherever it comes back. */
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

    /** Sets a missing header. */
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

    /** Without headers, which hold secrets. */
    @Override
    public String toString() {
        return method + " " + url.getScheme() + "://" + url.getAuthority();
    }
}
