package io.engagementwebhooks.api;

import io.engagementwebhooks.ledger.BundledFile;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/** Step {@code describe-api}: responds with {@code docs/openapi.yaml} of the jar. Thread-safe. */
final class ApiDescription implements Processor {

    private static final String RESOURCE = "/io/engagementwebhooks/docs/openapi.yaml";
    private static final String MEDIA_TYPE = "application/yaml";

    private final byte[] text = BundledFile.bytes(RESOURCE);

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(Exchange.CONTENT_TYPE, MEDIA_TYPE);
        message.setBody(text);
    }
}
