package io.engagementwebhooks.deliver.contentsquare;

import io.engagementwebhooks.contentsquare.ContentsquareAccess;
import io.engagementwebhooks.contentsquare.ContentsquareClient;
import io.engagementwebhooks.contentsquare.ContentsquareHttpClient;
import io.engagementwebhooks.contentsquare.ContentsquareTokenException;
import io.engagementwebhooks.deliver.ConnectionReport;
import io.engagementwebhooks.deliver.ConnectionReport.Finding;
import io.engagementwebhooks.deliver.ConnectionReport.Level;
import io.engagementwebhooks.deliver.ConnectionTest;
import io.engagementwebhooks.deliver.egress.NotPublicLog;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField;
import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Tests a connection to a Contentsquare project: requests a new token, and checks the endpoint in its response against
 * the connection's suffix. Writes nothing. Thread-safe.
 *
 * @param answers runs continuations after the token response
 */
public record ContentsquareConnectionTest(
        ContentsquareProjects projects, ContentsquareHttpClient http, Executor answers, Clock clock)
        implements ConnectionTest {

    @Override
    public String type() {
        return "contentsquare";
    }

    @Override
    public CompletionStage<ConnectionReport> test(Authentication connection, List<Webhook> webhooks) {
        ContentsquareConnection tested = ((Authentication.Contentsquare) connection).connection();
        ContentsquareAccess access = projects.access(tested, DeliveryMethod.DEFAULT_TIMEOUT);
        return new ContentsquareClient(access, http, clock, answers)
                .endpoint()
                .handle((endpoint, fault) -> report(tested, webhooks, endpoint, fault));
    }

    private ConnectionReport report(
            ContentsquareConnection tested, List<Webhook> webhooks, URI endpoint, Throwable fault) {
        List<Finding> findings = new ArrayList<>();
        if (fault == null) {
            findings.add(Finding.of(Level.OK, "Contentsquare's token service took the credentials"));
            findings.add(Finding.of(
                    Level.OK,
                    "enrichments go to " + endpoint.getHost() + ", which is under " + tested.endpointSuffix()));
        } else {
            NotPublicLog.note(fault, tested.account(), "connection=" + tested.name());
            findings.add(Finding.of(Level.FAULT, words(fault)));
        }
        findings.add(age(tested));
        webhooks.forEach(webhook -> findings.addAll(mapping(tested, webhook)));
        return new ConnectionReport(findings);
    }

    private static String words(Throwable fault) {
        Throwable cause = Causes.unwrapped(fault);
        if (cause instanceof ContentsquareTokenException known) {
            return known.getMessage();
        }
        throw new CompletionException(cause);
    }

    private Finding age(ContentsquareConnection tested) {
        return CredentialAge.of(tested, clock)
                .map(age -> Finding.of(age.warns() ? Level.WARNING : Level.OK, age.text()))
                .orElseGet(() -> Finding.of(
                        Level.WARNING,
                        "when the credentials expire is not known: they live a year; write the day on which they were made"
                                + " as 'createdOn'"));
    }

    /** Problems of a webhook's mapping with the schema alone, whatever the event. */
    private static List<Finding> mapping(ContentsquareConnection tested, Webhook webhook) {
        boolean byName = webhook.delivery().target() instanceof Target.Contentsquare target
                && target.fields().isEmpty();
        return tested.schema().stream()
                .filter(field -> byName && field.from() == null && CallerNumbers.isCallerNumber(field.name()))
                .map(field -> caller(field, webhook))
                .toList();
    }

    private static Finding caller(SchemaField field, Webhook webhook) {
        Level level = field.optional() ? Level.WARNING : Level.FAULT;
        return new Finding(
                level,
                webhook.name(),
                field.name(),
                "'" + field.name() + "' is a caller's number, which is sent only where 'from' or 'fields' names it");
    }
}
