package io.engagementwebhooks.deliver.egress;

import java.io.IOException;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * Asks whoever wants to be asked, when the connection is there and right before the first byte: connecting may have taken
 * longer than what was true before it. Thread-safe.
 */
final class LastQuestion extends HttpRequestExecutor {

    /** The attribute of a context with a {@link Runnable} that throws where nothing may be sent any more; or none. */
    static final String ASKED = "webhooks.egress.asked";

    @Override
    public ClassicHttpResponse execute(
            ClassicHttpRequest request,
            HttpClientConnection connection,
            HttpResponseInformationCallback information,
            HttpContext context)
            throws IOException, HttpException {
        if (context.getAttribute(ASKED) instanceof Runnable asked) {
            asked.run();
        }
        return super.execute(request, connection, information, context);
    }
}
