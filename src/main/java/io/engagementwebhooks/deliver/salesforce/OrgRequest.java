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
 * One request to the org's API. On send it takes its timeout and its call from message headers, and the current token
 * from the session; Camel's client would use the values of its creation.
 */
final class OrgRequest extends HttpRequest {

    /**
     * The timeout in milliseconds. Camel copies message headers with this prefix to the request, the only way to pass
     * data to it; this one is removed before sending.
     */
    static final String TIMEOUT_HEADER = "x-sfdc-webhook-timeout-ms";

    /** The request's span; sent as {@code traceparent}. */
    static final String TRACE_HEADER = "x-sfdc-webhook-traceparent";

    /** The prefix of internal headers; a webhook's headers with it are not sent. */
    private static final String INTERNAL_PREFIX = "x-sfdc-webhook-";

    /** The number of its call in {@link InFlightCalls}. */
    static final String CALL_HEADER = "x-sfdc-webhook-call";

    /** Camel's raw operation also sends the token in this header, as of its creation. */
    private static final String OTHER_TOKEN_HEADER = "X-SFDC-Session";

    private final OrgClient client;
    private Timing timing = new Timing();
    private TimedRequest timed;
    private volatile OrgRequest resend;
    private String token = "";
    private boolean isResend;
    private long received;

    OrgRequest(OrgClient client, HttpConversation conversation, URI url) {
        super(client, conversation, url);
        this.client = client;
    }

    @Override
    public void send(Response.CompleteListener listener) {
        applyTimeout();
        applyCall();
        applyTrace();
        applyToken();
        measure();
        onResponseBegin(response -> {
            if (response.getStatus() != HttpStatus.UNAUTHORIZED_401) {
                client.session.accepted();
            }
        });
        onResponseHeaders(response -> client.usage.record(response.getHeaders().get(OrgUsage.HEADER)));
        super.send(listener);
    }

    private void applyTimeout() {
        String millis = getHeaders().get(TIMEOUT_HEADER);
        if (millis != null) {
            headers(headers -> headers.remove(TIMEOUT_HEADER));
            timeout(Long.parseLong(millis), TimeUnit.MILLISECONDS);
        }
    }

    private void applyCall() {
        String number = getHeaders().get(CALL_HEADER);
        if (number != null) {
            headers(headers -> headers.remove(CALL_HEADER));
            InFlightCalls.Call call = client.calls.of(number);
            timing = call.timing();
            onResponseContent((response, part) -> reserve(call.memory(), response, part.remaining()));
            call.own().ifPresent(this::applyOwnRequest);
        }
    }

    /** Grows the reserved memory beyond {@link Answer#READ_BYTES}, which is enough for nearly all responses. */
    private void reserve(Reservation memory, Response response, int more) {
        received += more;
        if (received > memory.bytes() && !memory.tryGrow(more)) {
            response.abort(new BudgetExceededException(false));
        }
    }

    private void applyOwnRequest(OutgoingRequest own) {
        headers(headers -> own.forEachHeader((name, value) -> {
            // set from the session
            boolean isToken = name.equalsIgnoreCase(HttpHeader.AUTHORIZATION.asString());
            if (!isToken && !name.regionMatches(true, 0, INTERNAL_PREFIX, 0, INTERNAL_PREFIX.length())) {
                headers.put(name, value);
            }
        }));
        path(own.url().toString());
    }

    private void measure() {
        timed = new TimedRequest(timing.call(), client.connectTimings());
        onResponseHeaders(response -> onHeaders());
        onComplete(result -> onEnd());
    }

    /**
     * Called when it gets a connection.
     * @param opening the connect timing, if this is the first request on the connection
     */
    void onConnection(Optional<ConnectTiming> opening) {
        timed.onConnection(opening);
    }

    /** Called at the last response header. */
    void onHeaders() {
        timed.onHeaders();
    }

    /** Called at the end, also for its resend: without a response, Jetty notifies only the first request. */
    void onEnd() {
        timed.ended(client.getHttpClientTransport().newOrigin(this));
        if (resend != null) {
            resend.onEnd();
        }
    }

    private void applyTrace() {
        String trace = getHeaders().get(TRACE_HEADER);
        if (trace != null) {
            headers(headers -> headers.remove(TRACE_HEADER).put(TraceParent.NAME, trace));
        }
    }

    private void applyToken() {
        String current = client.session.token();
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
    void resend(long millisLeft) {
        OrgRequest copy = (OrgRequest) copy(getURI());
        copy.isResend = true;
        copy.timing = timing;
        copy.timeout(millisLeft, TimeUnit.MILLISECONDS);
        if (copy.getBody() != null) {
            copy.getBody().rewind();
        }
        getConversation().updateResponseListeners(null);
        resend = copy;
        copy.send(null);
    }

    /** The session's token that it was sent with, or empty. */
    String token() {
        return token;
    }

    boolean isResend() {
        return isResend;
    }

    @Override
    protected HttpRequest copyInstance(URI url) {
        return new OrgRequest(client, getConversation(), url);
    }
}
