package io.engagementwebhooks.api;

import io.engagementwebhooks.server.CallerAuthentication;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Runs one step for an account's key and another for the operator's. Thread-safe if both are. */
record ForOperator(Processor forAccount, Processor forOperator) implements Processor {

    @Override
    public void process(Exchange exchange) throws Exception {
        boolean operator = CallerAuthentication.caller(exchange).key().role().mayOperate();
        (operator ? forOperator : forAccount).process(exchange);
    }
}
