package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.ledger.FatalErrors;
import org.eclipse.jetty.client.BufferingResponseListener;
import org.eclipse.jetty.client.ProtocolHandler;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.internal.HttpContentResponse;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.http.HttpStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles a 401: one login for all requests refused with the same token, then resends each once. Replaces Camel's
 * handler, which logs in up to three times for each refused request.
 */
record ExpiredSession(OrgSession session) implements ProtocolHandler {

    static final String NAME = "expired-session";

    private static final Logger LOG = LoggerFactory.getLogger(ExpiredSession.class);

    @Override
    public String getName() {
        return NAME;
    }

    @Override
    public boolean accept(Request request, Response response) {
        return request instanceof OrgRequest && response.getStatus() == HttpStatus.UNAUTHORIZED_401;
    }

    @Override
    public Response.Listener getResponseListener() {
        return new Refusal();
    }

    private final class Refusal extends BufferingResponseListener {

        Refusal() {
            super(Answer.READ_BYTES);
        }

        @Override
        public void onHeaders(Response response) {
            ((OrgRequest) response.getRequest()).onHeaders();
            super.onHeaders(response);
        }

        @Override
        public void onComplete(Result result) {
            OrgRequest request = (OrgRequest) result.getRequest();
            request.onEnd();
            Response answer =
                    new HttpContentResponse(result.getResponse(), getContent(), getMediaType(), getEncoding());
            if (request.isResend()) {
                session.refusedAgain(request.token());
            }
            long millisLeft = request.millisLeft();
            if (request.isResend() || result.isFailed() || millisLeft <= 0) {
                complete(request, answer, result);
                return;
            }
            session.renew(request.token()).whenComplete((token, failure) -> {
                if (failure != null || !sendAgain(request, millisLeft)) {
                    complete(request, answer, result);
                }
            });
        }

        /** @return false if it could not be sent; the refusal is then the response */
        private boolean sendAgain(OrgRequest request, long millisLeft) {
            try {
                request.resend(millisLeft);
                return true;
            } catch (RuntimeException | Error e) {
                FatalErrors.check(e);
                LOG.error("salesforce.resend-failed", e);
                return false;
            }
        }

        private void complete(OrgRequest request, Response answer, Result result) {
            HttpConversation conversation = request.getConversation();
            conversation.updateResponseListeners(null);
            Result whole = new Result(request, result.getRequestFailure(), answer, result.getResponseFailure());
            if (whole.isFailed()) {
                conversation.getResponseListeners().emitFailureComplete(whole);
            } else {
                conversation.getResponseListeners().emitSuccessComplete(whole);
            }
        }
    }
}
