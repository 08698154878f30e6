package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.ledger.BudgetExceededException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;

/**
 * The body of a call to an org, with what Camel's component cannot take from an exchange. It is no message header, since
 * logs and tracers show those, and the webhook's own headers and query may hold keys.
 */
final class OrgCall extends ByteArrayInputStream implements StreamCache {

    private final OutgoingRequest request;
    private final Duration timeout;
    private final Consumer<OrgToken> beforeSending;
    private final LongPredicate hasMemory;
    private long received;

    /**
     * @param timeout of the call, including a resend with a renewed token
     * @param beforeSending called before the first byte; throws {@link NothingSentException} to send nothing
     * @param hasMemory reserves bytes of the response beyond {@link Answer#READ_BYTES}, if there is memory for them
     */
    OrgCall(OutgoingRequest request, Duration timeout, Consumer<OrgToken> beforeSending, LongPredicate hasMemory) {
        super(request.body());
        this.request = request;
        this.timeout = timeout;
        this.beforeSending = beforeSending;
        this.hasMemory = hasMemory;
    }

    /** The call of a route that sends its own body. */
    static OrgCall of(byte[] body, Duration timeout) {
        OutgoingRequest request = OutgoingRequest.byComponent(URI.create(""), "", body, new Timing());
        return new OrgCall(request, timeout, token -> {}, more -> true);
    }

    Duration timeout() {
        return timeout;
    }

    /** The query with its question mark; may be empty. */
    String query() {
        String query = request.url().getRawQuery();
        return query == null ? "" : "?" + query;
    }

    /** Adds body, headers and checks. */
    Request applyTo(Request to, OrgToken token) {
        request.forEachHeader((name, value) -> to.headers(headers -> headers.put(name, value)));
        return to.body(new BytesRequestContent("application/json", request.body()))
                .onRequestBegin(begun -> begin(begun, token))
                .onResponseContent((response, part) -> reserve(response, part.remaining()));
    }

    private void begin(Request begun, OrgToken token) {
        try {
            beforeSending.accept(token);
        } catch (NothingSentException e) {
            begun.abort(e);
        }
    }

    private void reserve(Response response, int more) {
        received += more;
        if (received > Answer.READ_BYTES && !hasMemory.test(more)) {
            response.abort(new BudgetExceededException(false));
        }
    }

    @Override
    public void writeTo(OutputStream to) throws IOException {
        transferTo(to);
    }

    @Override
    public StreamCache copy(Exchange exchange) {
        return new OrgCall(request, timeout, beforeSending, hasMemory);
    }

    @Override
    public boolean inMemory() {
        return true;
    }

    @Override
    public long length() {
        return count;
    }

    @Override
    public long position() {
        return pos;
    }
}
