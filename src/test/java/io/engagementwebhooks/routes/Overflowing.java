package io.engagementwebhooks.routes;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** A step of another user's own that overflows the stack. Routes name it by its class. */
public final class Overflowing implements Processor {
    @Override
    public void process(Exchange exchange) {
        throw new StackOverflowError();
    }
}
