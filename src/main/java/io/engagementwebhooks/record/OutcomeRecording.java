package io.engagementwebhooks.record;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;

/** Step {@code record-outcome}: writes how a try ended; goes on after the commit, without holding a thread. */
public final class OutcomeRecording extends AsyncProcessorSupport {

    private final Recorder recorder;

    public OutcomeRecording(Recorder recorder) {
        this.recorder = recorder;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        recorder.record(exchange).whenComplete((ended, failure) -> {
            if (failure != null) {
                exchange.setException(failure);
            }
            callback.done(false);
        });
        return false;
    }
}
