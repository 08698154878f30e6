package io.engagementwebhooks.deliver.receiver;

import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.webhook.HeaderNames;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/** Send the request on the message to the HTTP receiver of a delivery, without a thread that waits for the answer. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "receiver",
        title = "Receiver",
        syntax = "receiver:name",
        producerOnly = true,
        category = {Category.HTTP})
public class ReceiverEndpoint extends DefaultEndpoint {

    private final Set<String> declared = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

    @UriPath(description = "A name for traces and metrics. The URL is on the message.")
    @Metadata(required = true)
    private String name;

    @UriParam(
            description =
                    "Names of headers that steps of yours set on the message, separated by commas: they are sent too, and"
                            + " recorded without their values. Other headers stay here, but for those of the webhook and of the product's"
                            + " own steps.")
    private String headers;

    ReceiverEndpoint(String uri, ReceiverComponent component) {
        super(uri, component);
    }

    @Override
    public ReceiverComponent getComponent() {
        return (ReceiverComponent) super.getComponent();
    }

    @Override
    public Producer createProducer() {
        return new ReceiverProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException("receiver: cannot be consumed from; use it in a to");
    }

    /** Names of further headers to send, case-insensitive. */
    Set<String> declared() {
        return declared;
    }

    public String getHeaders() {
        return headers;
    }

    /** Names of headers that steps of yours set on the message, separated by commas. */
    public void setHeaders(String headers) {
        this.headers = headers;
    }

    /** @throws IllegalArgumentException if the option names a header that no step may set */
    void declare() {
        Set<String> seen = new HashSet<>();
        for (String header : headers == null ? new String[0] : headers.strip().split("\\s*,\\s*")) {
            Optional<String[]> refusal = header.equalsIgnoreCase(OutgoingRequest.AUTHORIZATION)
                    ? Optional.empty()
                    : HeaderNames.refusalOf(header, seen);
            refusal.ifPresent(why -> {
                throw new IllegalArgumentException(
                        "receiver: option 'headers' names '" + header + "', which " + why[0] + ": " + why[1]);
            });
            declared.add(header);
        }
    }

    public String getName() {
        return name;
    }

    public void setName(String name) {
        this.name = name;
    }
}
