package io.engagementwebhooks.record;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step {@code record-outcome}: records the outcome of an attempt. The route ends without waiting for the commit; the
 * delivery stays in flight until then.
 */
public final class OutcomeRecording implements Processor {

    private final Recorder recorder;

    public OutcomeRecording(Recorder recorder) {
        this.recorder = recorder;
    }

    @Override
    public void process(Exchange exchange) {
        recorder.record(exchange);
    }
}
