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
 * Answers a 401: one login for all requests that were refused with the same token, then each is sent once more. Takes
 * the place of Camel's own handler, which logs in once per refused request, up to three times each.
 */
final class ExpiredSession implements ProtocolHandler {

    static final String NAME = "expired-session";

    private static final Logger LOG = LoggerFactory.getLogger(ExpiredSession.class);

    private final OrgSession session;

    ExpiredSession(OrgSession session) {
        this.session = session;
    }

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
            ((OrgRequest) response.getRequest()).answered();
            super.onHeaders(response);
        }

        @Override
        public void onComplete(Result result) {
            OrgRequest request = (OrgRequest) result.getRequest();
            request.over();
            Response answer =
                    new HttpContentResponse(result.getResponse(), getContent(), getMediaType(), getEncoding());
            if (request.isAgain()) {
                session.refusedAgain(request.token());
            }
            long millisLeft = request.millisLeft();
            if (request.isAgain() || result.isFailed() || millisLeft <= 0) {
                handOn(request, answer, result);
                return;
            }
            session.renew(request.token()).whenComplete((token, failure) -> {
                if (failure != null || !sendAgain(request, millisLeft)) {
                    handOn(request, answer, result);
                }
            });
        }

        /** @return false: it could not be sent; the refusal is the answer then */
        private boolean sendAgain(OrgRequest request, long millisLeft) {
            try {
                request.sendAgain(millisLeft);
                return true;
            } catch (RuntimeException | Error e) {
                FatalErrors.check(e);
                LOG.error("salesforce.resend-failed", e);
                return false;
            }
        }

        private void handOn(OrgRequest request, Response answer, Result result) {
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
