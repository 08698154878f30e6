package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.FailureJudge;
import io.engagementwebhooks.deliver.Outcome;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.tls.PeerLimitException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.NoHttpResponseException;

/** Describes failed HTTP calls for the customer. All are retried. Thread-safe. */
public final class HttpFailures implements FailureJudge {

    private static final String RECEIVER = "The endpoint";

    @Override
    public Optional<Outcome> judge(Throwable failure, Delivery delivery) {
        return words(failure, RECEIVER, delivery.webhook().delivery().timeout())
                .map(words -> new Outcome.TryLater(
                        words, null, false, timedOut(failure), failure instanceof EgressRefusedException));
    }

    /**
     * Why a call got no response; empty if the failure is not one of an HTTP call.
     *
     * @param failure the exception of {@link EgressClient#send}
     * @param subject the subject of the sentence, such as "The endpoint"
     * @param limit the timeout of the call
     */
    public static Optional<String> words(Throwable failure, String subject, Duration limit) {
        if (failure instanceof EgressRefusedException refused) {
            return Optional.of("Not allowed: " + refused.getMessage());
        }
        return predicate(failure, limit).map(predicate -> subject + predicate);
    }

    private static boolean timedOut(Throwable failure) {
        return failure instanceof ResponseTimeoutException || failure instanceof SocketTimeoutException;
    }

    private static Optional<String> predicate(Throwable failure, Duration limit) {
        if (failure instanceof ResponseTimeoutException) {
            return Optional.of(" did not answer within " + inWords(limit));
        }
        if (failure instanceof HandshakeTimeoutException handshake) {
            return Optional.of(" did not complete the TLS handshake within "
                    + inWords(handshake.limit().orElse(limit)));
        }
        if (failure instanceof PeerLimitException) {
            return Optional.of(failure.getMessage());
        }
        if (failure instanceof SSLException tls) {
            return Optional.of(TlsFailedException.of(tls).predicate());
        }
        if (failure instanceof HttpException || failure instanceof ClientProtocolException) {
            return Optional.of(ofProtocol(failure));
        }
        return failure instanceof IOException ? ofConnection(failure) : Optional.empty();
    }

    private static Optional<String> ofConnection(Throwable failure) {
        if (failure instanceof ProxyFailedException proxy) {
            return Optional.of(" could not be reached by the proxy of this installation (" + proxy.status() + ")");
        }
        if (failure instanceof UnknownHostException) {
            return Optional.of("'s host name could not be resolved to a public address");
        }
        if (failure instanceof ConnectTimeoutException) {
            return Optional.of(" could not be reached: connecting took too long");
        }
        if (failure instanceof SocketTimeoutException) {
            return Optional.of(" did not answer in time");
        }
        if (failure instanceof ConnectException) {
            return Optional.of(" refused the connection");
        }
        if (failure instanceof NoRouteToHostException) {
            return Optional.of(" could not be reached: no route");
        }
        if (failure instanceof NoHttpResponseException || failure instanceof ConnectionClosedException) {
            return Optional.of(" closed the connection without a complete answer");
        }
        if (failure instanceof MessageConstraintException) {
            return Optional.of(" answered with more or longer headers than are read");
        }
        return failure instanceof SocketException ? Optional.of(" reset the connection") : Optional.empty();
    }

    private static String ofProtocol(Throwable failure) {
        return Causes.first(failure, MessageConstraintException.class).isPresent()
                ? " answered with more or longer headers than are read"
                : " gave an answer that is not HTTP/1.1";
    }

    /** A duration in seconds, or in milliseconds if it is no whole number of them. */
    public static String inWords(Duration duration) {
        return duration.toMillisPart() == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}
