package io.engagementwebhooks.contentsquare;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.TypeConversionException;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.WritableHealthCheckRepository;
import org.apache.camel.support.DefaultAsyncProducer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends the message's enrichments and replaces them by the response. */
public class ContentsquareProducer extends DefaultAsyncProducer {

    private static final Logger LOG = LoggerFactory.getLogger(ContentsquareProducer.class);

    private ContentsquareAccess access;
    private ContentsquareProducerHealthCheck health;
    private WritableHealthCheckRepository healthRepository;

    ContentsquareProducer(ContentsquareEndpoint endpoint) {
        super(endpoint);
    }

    @Override
    public ContentsquareEndpoint getEndpoint() {
        return (ContentsquareEndpoint) super.getEndpoint();
    }

    /** The only place that calls back, after success and failure. */
    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        send(exchange).whenComplete((answer, fault) -> {
            try {
                settle(exchange, answer, fault);
            } catch (RuntimeException | Error e) {
                exchange.setException(e);
            } finally {
                callback.done(false);
            }
        });
        return false;
    }

    private CompletionStage<ContentsquareAnswer> send(Exchange exchange) {
        try {
            ContentsquareConfiguration configuration = getEndpoint().getConfiguration();
            ContentsquareAccess used = access(exchange);
            ContentsquareClient client = getEndpoint().getComponent().client(used, configuration.getHttpClient());
            CallAttributes attributes = attributes(exchange);
            if (getEndpoint().getOperation() == ContentsquareOperation.request) {
                ContentsquareRequest request = request(exchange, configuration);
                LOG.debug("sending {}", request);
                return client.send(request, attributes);
            }
            EnrichmentBatch batch = batch(exchange.getMessage(), used, configuration);
            LOG.debug("sending {}", batch);
            return client.send(batch, headers(exchange.getMessage()), attributes);
        } catch (ContentsquareException | RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static CallAttributes attributes(Exchange exchange) {
        return new CallAttributes(
                exchange.getProperty(
                        ContentsquareConstants.BEFORE_SENDING, CallAttributes.NONE.beforeSending(), Runnable.class),
                exchange.getProperty(ContentsquareConstants.TIMING));
    }

    private ContentsquareAccess access(Exchange exchange) throws ContentsquareException {
        ContentsquareAccess brought = exchange.getProperty(ContentsquareConstants.ACCESS, ContentsquareAccess.class);
        if (brought == null && access == null) {
            throw ContentsquareException.unsendable("contentsquare: needs the options 'clientId' and 'clientSecret', or"
                    + " exchange property '" + ContentsquareConstants.ACCESS + "'");
        }
        return brought == null ? access : brought;
    }

    private static ContentsquareRequest request(Exchange exchange, ContentsquareConfiguration configuration)
            throws ContentsquareException {
        ContentsquareRequest brought = exchange.getProperty(ContentsquareConstants.REQUEST, ContentsquareRequest.class);
        return brought == null ? request(exchange.getMessage(), configuration) : brought;
    }

    private static ContentsquareRequest request(Message message, ContentsquareConfiguration configuration)
            throws ContentsquareException {
        byte[] body = message.getBody(byte[].class);
        try {
            return new ContentsquareRequest(
                    message.getHeader(ContentsquareConstants.METHOD, configuration.getMethod(), String.class),
                    message.getHeader(ContentsquareConstants.PATH, configuration.getPath(), String.class),
                    message.getHeader(Exchange.CONTENT_TYPE, "application/json", String.class),
                    headers(message),
                    body == null ? new byte[0] : body);
        } catch (IllegalArgumentException e) {
            throw ContentsquareException.unsendable("contentsquare: " + e.getMessage());
        }
    }

    private static Map<String, String> headers(Message message) {
        Map<String, String> headers = new LinkedHashMap<>();
        Map<?, ?> given = message.getHeader(ContentsquareConstants.REQUEST_HEADERS, Map.of(), Map.class);
        given.forEach((name, value) -> headers.put(String.valueOf(name), String.valueOf(value)));
        return headers;
    }

    private static EnrichmentBatch batch(
            Message message, ContentsquareAccess used, ContentsquareConfiguration configuration)
            throws ContentsquareException {
        Long project = header(message, ContentsquareConstants.PROJECT_ID, Long.class, used.projectId());
        Integer version = header(
                message,
                ContentsquareConstants.INTEGRATION_VERSION,
                Integer.class,
                configuration.getIntegrationVersion());
        return EnrichmentReader.read(json(message), project, version);
    }

    private static <T> T header(Message message, String name, Class<T> type, T fallback) throws ContentsquareException {
        try {
            T value = message.getHeader(name, type);
            return value == null ? fallback : value;
        } catch (TypeConversionException e) {
            throw ContentsquareException.unsendable("header '" + name + "' must be a whole number");
        }
    }

    private static JsonNode json(Message message) throws ContentsquareException {
        Object body = message.getBody();
        try {
            if (body instanceof JsonNode node) {
                return node;
            }
            if (body instanceof Map || body instanceof Iterable) {
                return Json.MAPPER.valueToTree(body);
            }
            byte[] text = message.getBody(byte[].class);
            if (text != null) {
                return Json.MAPPER.readTree(text);
            }
        } catch (JacksonException | IllegalArgumentException e) {
            throw unreadable();
        } catch (IOException e) {
            throw ContentsquareException.unanswered("the message's body broke off while it was read", e);
        }
        throw unreadable();
    }

    private static ContentsquareException unreadable() {
        return ContentsquareException.unsendable(
                "the body must be an enrichment or a list of them: a Map, a List, a JsonNode or JSON text");
    }

    private void settle(Exchange exchange, ContentsquareAnswer answer, Throwable fault) {
        health.update(fault);
        if (fault != null) {
            LOG.debug("not sent: {}", fault.getMessage());
            exchange.setException(fault);
            return;
        }
        Message message = exchange.getMessage();
        message.setHeader(ContentsquareConstants.STATUS_CODE, answer.status());
        message.setBody(answer.body());
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        ContentsquareConfiguration configuration = getEndpoint().getConfiguration();
        access = configuration.hasCredentials() ? configuration.access() : null;
        health = new ContentsquareProducerHealthCheck(getEndpoint().getId());
        health.setEnabled(getEndpoint().getComponent().isHealthCheckProducerEnabled());
        healthRepository = HealthCheckHelper.getHealthCheckRepository(
                getEndpoint().getCamelContext(), "producers", WritableHealthCheckRepository.class);
        if (healthRepository != null) {
            healthRepository.addHealthCheck(health);
        }
    }

    @Override
    protected void doStop() throws Exception {
        if (healthRepository != null) {
            healthRepository.removeHealthCheck(health);
        }
        super.doStop();
    }
}
