package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.Progress;
import io.engagementwebhooks.deliver.StillOwned;
import java.io.IOException;
import org.apache.camel.Exchange;
import org.apache.camel.component.http.HttpActivityListener;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.CloseableHttpResponse;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;

/**
 * What camel-http's endpoint in the deliver routes calls by. It sends the exchange's {@link Progress#request request}
 * instead of the one camel-http made, so that neither the endpoint's URI nor any header of the message decides where a
 * delivery goes, and keeps the {@link Progress#answer answer} on the exchange. camel-http gets a response without headers,
 * of which it can make nothing but a body.
 *
 * <p>The endpoint names it twice: as {@code httpClient}, and as {@code httpActivityListener}, since camel-http tells its
 * client of the exchange only where there is a listener. Stopping an endpoint closes its client, hence {@link #close}
 * does nothing here: the {@link EgressClient} behind it serves all routes. Thread-safe.
 */
public final class ReceiverClient extends CloseableHttpClient implements HttpActivityListener {

    private static final String EXCHANGE = "org.apache.camel.Exchange";

    private final EgressClient egress;
    private final StillOwned stillOwned;

    public ReceiverClient(EgressClient egress, StillOwned stillOwned) {
        this.egress = egress;
        this.stillOwned = stillOwned;
    }

    @Override
    protected CloseableHttpResponse doExecute(HttpHost target, ClassicHttpRequest ignored, HttpContext context)
            throws IOException {
        Exchange exchange = exchange(context);
        OutgoingRequest request = Progress.request(exchange);
        Progress.answered(exchange, sent(exchange, request));
        Answer answer = Progress.answer(exchange);
        BasicClassicHttpResponse response = new BasicClassicHttpResponse(answer.status());
        response.setEntity(new ByteArrayEntity(answer.body(), null));
        return CloseableHttpResponse.adapt(response);
    }

    /** Asked twice where others may own: before connecting, which may take long, and before the first byte. */
    private Answer sent(Exchange exchange, OutgoingRequest request) throws IOException {
        if (!stillOwned.isAsked()) {
            return egress.send(request);
        }
        stillOwned.check(exchange);
        return egress.send(request, () -> stillOwned.check(exchange));
    }

    private static Exchange exchange(HttpContext context) {
        Object exchange = context == null ? null : context.getAttribute(EXCHANGE);
        if (exchange instanceof Exchange known && Progress.request(known) != null) {
            return known;
        }
        throw new IllegalStateException("the endpoint that calls receivers names its client as httpActivityListener"
                + " too, and a step before it builds the request");
    }

    @Override
    public void close() {}

    @Override
    public void close(CloseMode mode) {}

    @Override
    public void onRequestSubmitted(
            Object source, Exchange exchange, HttpHost host, HttpRequest request, HttpEntity entity) {}

    @Override
    public void onResponseReceived(
            Object source, Exchange exchange, HttpHost host, HttpResponse response, HttpEntity entity, long elapsed) {}
}
