package io.engagementwebhooks.console;

import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;

/** Like {@link ApiStep}, for a response that arrives later: no thread waits for it. Thread-safe if its answerer is. */
final class ApiAsyncStep extends AsyncProcessorSupport {

    private final Function<ApiRequest, ? extends CompletionStage<?>> answerer;

    ApiAsyncStep(Function<ApiRequest, ? extends CompletionStage<?>> answerer) {
        this.answerer = answerer;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        answer(exchange).whenComplete((answer, failure) -> {
            if (failure == null) {
                ApiStep.answer(exchange, 200, answer);
            } else {
                exchange.setException(Causes.unwrapped(failure));
            }
            callback.done(false);
        });
        return false;
    }

    private CompletionStage<?> answer(Exchange exchange) {
        try {
            return answerer.apply(ApiRequest.of(exchange));
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            return CompletableFuture.failedFuture(e);
        }
    }
}
