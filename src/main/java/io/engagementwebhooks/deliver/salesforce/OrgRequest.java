package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Reservation;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.util.NanoTime;

/**
 * One request to the org's API. When it is sent it takes its time from the header that the step before left, what is a
 * webhook's own from where that header says, and its token from the session: Camel's client keeps both from when it was made.
 */
final class OrgRequest extends HttpRequest {

    /**
     * How long the call may take, in milliseconds. Camel hands message headers of this prefix on to the request, which
     * is the only way from an exchange to it; it never reaches the wire.
     */
    static final String TIMEOUT_HEADER = "x-sfdc-webhook-timeout-ms";

    /** The step in a trace that the request is: it reaches the wire as {@code traceparent}. */
    static final String TRACE_HEADER = "x-sfdc-webhook-traceparent";

    /** What these names begin with: none that a webhook brings may be taken for one of them. */
    private static final String OURS = "x-sfdc-webhook-";

    /** Which of the {@link InFlightCalls} it is a part of. */
    static final String CALL_HEADER = "x-sfdc-webhook-call";

    /** Camel's raw operation sends the token twice, here the one it was made with. */
    private static final String OTHER_TOKEN_HEADER = "X-SFDC-Session";

    private final OrgClient client;
    private final OrgSession session;
    private final OrgUsage usage;
    private final InFlightCalls calls;
    private Timing timing = new Timing();
    private TimedRequest timed;
    private volatile OrgRequest next;
    private String token = "";
    private boolean again;
    private long received;

    OrgRequest(
            OrgClient client,
            HttpConversation conversation,
            URI url,
            OrgSession session,
            OrgUsage usage,
            InFlightCalls calls) {
        super(client, conversation, url);
        this.client = client;
        this.session = session;
        this.usage = usage;
        this.calls = calls;
    }

    @Override
    public void send(Response.CompleteListener listener) {
        takeTimeout();
        takeCall();
        takeTrace();
        takeToken();
        measure();
        onResponseBegin(response -> {
            if (response.getStatus() != HttpStatus.UNAUTHORIZED_401) {
                session.accepted();
            }
        });
        onResponseHeaders(response -> usage.seen(response.getHeaders().get(OrgUsage.HEADER)));
        super.send(listener);
    }

    private void takeTimeout() {
        String millis = getHeaders().get(TIMEOUT_HEADER);
        if (millis != null) {
            headers(headers -> headers.remove(TIMEOUT_HEADER));
            timeout(Long.parseLong(millis), TimeUnit.MILLISECONDS);
        }
    }

    private void takeCall() {
        String number = getHeaders().get(CALL_HEADER);
        if (number != null) {
            headers(headers -> headers.remove(CALL_HEADER));
            InFlightCalls.Call call = calls.of(number);
            timing = call.timing();
            onResponseContent((response, part) -> reserve(call.memory(), response, part.remaining()));
            call.own().ifPresent(this::takeOwn);
        }
    }

    /** Memory reserved before the call, enough for nearly all responses. */
    private void reserve(Reservation memory, Response response, int more) {
        received += more;
        if (received > memory.bytes() && !memory.tryGrow(more)) {
            response.abort(new BudgetExceededException(false));
        }
    }

    private void takeOwn(OutgoingRequest own) {
        headers(headers -> own.forEachHeader((name, value) -> {
            // the session's token is put there
            boolean isToken = name.equalsIgnoreCase(HttpHeader.AUTHORIZATION.asString());
            if (!isToken && !name.regionMatches(true, 0, OURS, 0, OURS.length())) {
                headers.put(name, value);
            }
        }));
        path(own.url().toString());
    }

    private void measure() {
        timed = new TimedRequest(timing.call(), client.openings());
        onResponseHeaders(response -> answered());
        onComplete(result -> over());
    }

    /** It has a connection. @param opening how that was opened, if it is the first to go by it */
    void goesBy(Optional<ConnectTiming> opening) {
        timed.goesBy(opening);
    }

    /** The last header of its answer has come. */
    void answered() {
        timed.answered();
    }

    /**
     * It is over, and so is the one that was sent in its place, if there is one: where that gets no answer, Jetty tells the
     * first one only.
     */
    void over() {
        timed.over(client.getHttpClientTransport().newOrigin(this));
        if (next != null) {
            next.over();
        }
    }

    private void takeTrace() {
        String trace = getHeaders().get(TRACE_HEADER);
        if (trace != null) {
            headers(headers -> headers.remove(TRACE_HEADER).put(TraceParent.NAME, trace));
        }
    }

    private void takeToken() {
        String current = session.token();
        if (current != null) {
            token = current;
            headers(headers -> headers.remove(OTHER_TOKEN_HEADER).put(HttpHeader.AUTHORIZATION, "Bearer " + current));
        }
    }

    /** The remaining time, in milliseconds. */
    long millisLeft() {
        return getTimeoutNanoTime() == Long.MAX_VALUE
                ? getTimeout()
                : TimeUnit.NANOSECONDS.toMillis(NanoTime.until(getTimeoutNanoTime()));
    }

    /** Sends the same request once more, with the remaining time. */
    void sendAgain(long millisLeft) {
        OrgRequest copy = (OrgRequest) copy(getURI());
        copy.again = true;
        copy.timing = timing;
        copy.timeout(millisLeft, TimeUnit.MILLISECONDS);
        if (copy.getBody() != null) {
            copy.getBody().rewind();
        }
        getConversation().updateResponseListeners(null);
        next = copy;
        copy.send(null);
    }

    /** The token it was sent with; empty: none of the session's. */
    String token() {
        return token;
    }

    boolean isAgain() {
        return again;
    }

    @Override
    protected HttpRequest copyInstance(URI url) {
        return new OrgRequest(client, getConversation(), url, session, usage, calls);
    }
}
