package io.engagementwebhooks.operate.routes;

import io.engagementwebhooks.contentsquare.ContentsquareConstants;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.salesforce.ChooseOrg;
import io.engagementwebhooks.deliver.salesforce.SalesforceRecord;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.ingest.EventConsumer;
import io.engagementwebhooks.ingest.KafkaReading;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.server.ResolveAccountStep;
import io.engagementwebhooks.store.accept.Accepted;
import io.engagementwebhooks.store.accept.IdentityReusedException;
import io.engagementwebhooks.store.accept.Intake;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.component.mail.MailConstants;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.AsyncProcessorConverterHelper;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rejects an exchange at a product step whose input no earlier step prepared. The error names both steps and the
 * place; a delivery uses no attempt. Thread-safe.
 */
public final class StepOrder implements InterceptStrategy {

    private static final Logger LOG = LoggerFactory.getLogger(StepOrder.class);

    /** A faulty route needs an edit. */
    private static final Duration RETRY = Duration.ofMinutes(1);

    /**
     * A requirement of a step.
     *
     * @param provider names of the steps that provide it, for people
     * @param isThere whether an exchange meets it
     */
    private record Requirement(String provider, Predicate<Exchange> isThere) {}

    private static final Requirement CALLER =
            property(CallerAuthentication.CALLER, "authenticateCaller or resolveAccount");
    private static final Requirement ACCOUNT = property(ResolveAccountStep.ACCOUNT, "setProperty eventAccount");
    private static final Requirement EVENTS = listOf("readEvents or readKafkaRecords", Event.class);
    private static final Requirement INTAKES = listOf("lookUpWebhooks", Intake.class);
    private static final Requirement ACCEPTED = listOf("outbox:accept", Accepted.class, IdentityReusedException.class);
    private static final Requirement RECORDS = listOf("kafka: with 'batching'", Exchange.class);
    private static final Requirement ADMITTED =
            new Requirement("kafka: with 'clientId: " + EventConsumer.CLIENT_ID + "'", EventConsumer::hasRead);
    private static final Requirement BATCH = property(KafkaReading.BATCH, "readKafkaRecords");
    private static final Requirement CAUGHT = new Requirement(
            "doCatch or onException",
            exchange -> exchange.getProperty(Exchange.EXCEPTION_CAUGHT) != null || exchange.getException() != null);
    private static final Requirement DELIVERY =
            new Requirement("outbox:due or resolveWebhook", exchange -> DeliveryContext.delivery(exchange) != null);
    private static final Requirement REQUEST = context("buildRequest", context -> context.deadline() != null);
    private static final Requirement SIGNED = context("signRequest", DeliveryContext::isSigned);
    private static final String RECEIVER = "receiver:";
    private static final Requirement ANSWER = context(RECEIVER, context -> context.answer() != null);
    private static final Requirement OUTCOME = new Requirement(
            "judgeResponse, judgeSalesforceResponse, judgeEnrichment, judgeEmail, sendToKamelet or noteDelivered",
            exchange -> DeliveryContext.delivery(exchange) == null || DeliveryContext.outcome(exchange) != null);
    private static final Requirement RECORD = property(SalesforceRecord.WRITE, "buildSalesforceRecord");
    private static final Requirement ORG = property(ChooseOrg.ORG, "chooseOrg");
    private static final Requirement ENRICHMENT_BODY =
            new Requirement("buildEnrichment", exchange -> exchange.getMessage().getBody() instanceof Map);
    private static final Requirement SENT = new Requirement(
            "smtp:", exchange -> exchange.getMessage().getHeader(MailConstants.MAIL_MESSAGE_ID) != null);
    private static final Requirement MESSAGE = context("buildKameletMessage", DeliveryContext::mayHaveSent);
    private static final Requirement PROJECT = property(ContentsquareConstants.ACCESS, "chooseProject");

    /** Requirements by the name of a step, or by the endpoint that a step sends to. */
    private static final Map<String, List<Requirement>> NEEDS = new HashMap<>();

    static {
        NEEDS.put("buildProblemResponse", List.of(CAUGHT));
        NEEDS.put("resolveAccount", List.of(ACCOUNT));
        NEEDS.put("readEvents", List.of(CALLER));
        NEEDS.put("lookUpWebhooks", List.of(EVENTS));
        NEEDS.put("outbox:accept", List.of(INTAKES));
        NEEDS.put("buildAcceptedResponse", List.of(ACCEPTED));
        NEEDS.put("readKafkaRecords", List.of(RECORDS, ADMITTED));
        NEEDS.put("sliceKafkaRecords", List.of(BATCH, EVENTS));
        NEEDS.put("collectKafkaDeadLetters", List.of(BATCH, ACCEPTED));
        NEEDS.put("commitKafkaOffsets", List.of(BATCH));
        NEEDS.put("buildRequest", List.of(DELIVERY));
        NEEDS.put("authorizeByHeader", List.of(DELIVERY, REQUEST));
        NEEDS.put("authorizeByOAuth2", List.of(DELIVERY, REQUEST));
        NEEDS.put("signRequest", List.of(DELIVERY, REQUEST));
        NEEDS.put(RECEIVER, List.of(DELIVERY, REQUEST, SIGNED));
        NEEDS.put("renewRefusedToken", List.of(DELIVERY, REQUEST, ANSWER));
        NEEDS.put("judgeResponse", List.of(DELIVERY, ANSWER));
        NEEDS.put("judgeFailure", List.of(CAUGHT));
        NEEDS.put("buildSalesforceRecord", List.of(DELIVERY));
        NEEDS.put("lockSalesforceRecord", List.of(RECORD));
        NEEDS.put("chooseOrg", List.of(RECORD));
        NEEDS.put("fitSalesforceRecord", List.of(RECORD));
        NEEDS.put("writeSalesforceBatch", List.of(RECORD, ORG));
        NEEDS.put("direct:write-records", List.of(ORG));
        NEEDS.put("judgeSalesforceResponse", List.of(RECORD));
        NEEDS.put("judgeSalesforceFailure", List.of(CAUGHT));
        NEEDS.put("buildEnrichment", List.of(DELIVERY));
        NEEDS.put("chooseProject", List.of(DELIVERY));
        NEEDS.put("numberEnrichment", List.of(DELIVERY, ENRICHMENT_BODY));
        NEEDS.put("lockEnrichment", List.of(DELIVERY));
        NEEDS.put("sendEnrichmentBatch", List.of(DELIVERY, ENRICHMENT_BODY, PROJECT));
        NEEDS.put("direct:send-enrichments", List.of(PROJECT));
        NEEDS.put("judgeEnrichment", List.of(DELIVERY, PROJECT));
        NEEDS.put("buildEmail", List.of(DELIVERY));
        NEEDS.put("judgeEmail", List.of(DELIVERY, SENT));
        NEEDS.put("buildKameletMessage", List.of(DELIVERY));
        NEEDS.put("sendToKamelet", List.of(DELIVERY, MESSAGE));
        NEEDS.put("noteDelivered", List.of(DELIVERY));
        NEEDS.put("noteFailed", List.of(DELIVERY));
        NEEDS.put("throwOnFailure", List.of(OUTCOME));
        NEEDS.put("recordOutcome", List.of(DELIVERY));
    }

    private final Clock clock;

    public StepOrder(Clock clock) {
        this.clock = clock;
    }

    private static Requirement property(String name, String provider) {
        return new Requirement(provider, exchange -> exchange.getProperty(name) != null);
    }

    private static Requirement context(String provider, Predicate<DeliveryContext> isThere) {
        return new Requirement(provider, exchange -> isThere.test(DeliveryContext.of(exchange)));
    }

    private static Requirement listOf(String provider, Class<?>... types) {
        return new Requirement(provider, exchange -> {
            List<?> items = exchange.getMessage().getBody(List.class);
            return items != null && items.stream().allMatch(item -> isOneOf(types, item));
        });
    }

    private static boolean isOneOf(Class<?>[] types, Object item) {
        for (Class<?> type : types) {
            if (type.isInstance(item)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, Processor next) {
        String step = step(definition);
        List<Requirement> needs = NEEDS.getOrDefault(step, List.of());
        return needs.isEmpty()
                ? AsyncProcessorConverterHelper.convert(target)
                : new Checked(target, (ProcessorDefinition<?>) definition, step, needs);
    }

    /** The bean or endpoint of a step, without options; or empty. */
    private static String step(NamedNode definition) {
        if (definition instanceof ProcessDefinition process) {
            return Optional.ofNullable(process.getRef()).orElse("");
        }
        String uri = definition instanceof ToDefinition to
                ? to.getEndpointUri().replaceFirst("\\?.*", "").replaceFirst("://", ":")
                : "";
        // whatever its name is
        return uri.startsWith(RECEIVER) ? RECEIVER : uri;
    }

    private final class Checked extends DelegateAsyncProcessor {

        private final ProcessorDefinition<?> definition;
        private final String step;
        private final List<Requirement> needs;
        private volatile long logAgain = System.nanoTime();

        Checked(Processor target, ProcessorDefinition<?> definition, String step, List<Requirement> needs) {
            super(target);
            this.definition = definition;
            this.step = step;
            this.needs = needs;
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            RuntimeException fault = fault(exchange);
            if (fault != null) {
                exchange.setException(fault);
                callback.done(true);
                return true;
            }
            return super.process(exchange, callback);
        }

        /** @return null if all requirements are met. Throws nothing */
        private RuntimeException fault(Exchange exchange) {
            try {
                for (Requirement need : needs) {
                    if (!need.isThere().test(exchange)) {
                        return fault(exchange, need);
                    }
                }
                return null;
            } catch (RuntimeException e) {
                return e;
            }
        }

        private RuntimeException fault(Exchange exchange, Requirement need) {
            String route = ProcessorDefinitionHelper.getRouteId(definition);
            String why = "step '" + definition.getId() + "' of route '" + route + "' is faulty: " + step + " needs "
                    + need.provider() + " before it";
            log(route, need);
            return DeliveryContext.delivery(exchange) == null
                    ? new ProblemException(Problem.faultyRoute(why))
                    : new NothingSentException(why, clock.instant().plus(RETRY));
        }

        /** Logs at most once a minute, since every message fails. */
        private void log(String route, Requirement need) {
            long now = System.nanoTime();
            if (now - logAgain >= 0) {
                logAgain = now + RETRY.toNanos();
                LOG.error(
                        "route.step-missing route={} step={} ref={}: {} is missing before it",
                        route,
                        definition.getId(),
                        step,
                        need.provider());
            }
        }
    }
}
