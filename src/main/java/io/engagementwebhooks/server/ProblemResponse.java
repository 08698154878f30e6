package io.engagementwebhooks.server;

import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.FileDescriptors;
import io.engagementwebhooks.ledger.MinuteCounter;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.accept.IdentityReusedException;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Step {@code build-problem-response}: converts a failure to problem JSON, never with a stack trace. */
public final class ProblemResponse implements Processor {

    /** Boolean: the events are a batch, so that a problem names its item. */
    public static final String BATCH = "webhooksBatch";

    private static final Logger LOG = LoggerFactory.getLogger(ProblemResponse.class);
    private static final MinuteCounter UNAVAILABLE = new MinuteCounter();
    private static final Duration STORE_RETRY = Duration.ofSeconds(5);

    private static final Duration MEMORY_RETRY = Duration.ofSeconds(1);

    @Override
    public void process(Exchange exchange) {
        Throwable caught = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        write(exchange, problem(caught, exchange.getProperty(BATCH, false, Boolean.class)));
    }

    /**
     * The problem of a failure; internal errors are logged.
     *
     * @param batch whether the events are a batch
     */
    public static Problem problem(Throwable caught, boolean batch) {
        FatalErrors.check(caught);
        for (Throwable cause = caught; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProblemException problem) {
                return problem.problem();
            }
            if (cause instanceof IdentityReusedException reused) {
                Problem conflict = Problem.conflict(
                        "id-reused",
                        reused.getMessage() + "; send other data under another id, or the same data to repeat it");
                return batch ? conflict.at(reused.index()) : conflict;
            }
            if (cause instanceof BudgetExceededException exceeded && exceeded.isForGood()) {
                return Problem.tooLarge("the request needs more memory than an account may have: its JSON has too many"
                        + " values; send less at a time");
            }
            if (cause instanceof BudgetExceededException) {
                return Problem.unavailable(
                        "account-memory",
                        "The requests of this account use all of its memory now; nothing was"
                                + " stored. Send fewer or smaller requests at a time.",
                        MEMORY_RETRY);
            }
            if (cause instanceof StoreException) {
                FileDescriptors.OF_PROCESS.ranOut("using the store", cause);
                if (UNAVAILABLE.next().isPresent()) {
                    LOG.warn("request.unavailable status=503: {}", cause.getMessage());
                }
                return Problem.unavailable(
                        "store-unavailable", "The store cannot be written now; nothing was stored.", STORE_RETRY);
            }
        }
        LOG.error("request.failed", Causes.unwrapped(caught));
        return Problem.internal();
    }

    /** Sets a problem as the response. */
    public static void write(Exchange exchange, Problem problem) {
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, problem.status());
        problem.headers().forEach(message::setHeader);
        message.setBody(problem.json());
    }
}
