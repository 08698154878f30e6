package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.ConnectionReport;
import io.engagementwebhooks.deliver.ConnectionReport.Finding;
import io.engagementwebhooks.deliver.ConnectionReport.Level;
import io.engagementwebhooks.deliver.ConnectionTest;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/**
 * Tests a connection to a Salesforce org: logs in, describes the objects, and checks webhooks' mappings. Thread-safe.
 */
public record SalesforceConnectionTest(SalesforceOrgs orgs) implements ConnectionTest {

    /** The mapping of one record of a webhook. */
    private record Mapped(String webhook, Target.Salesforce target, Set<String> links) {}

    @Override
    public String type() {
        return "salesforce";
    }

    @Override
    public CompletionStage<ConnectionReport> test(Authentication connection, List<Webhook> webhooks) {
        SalesforceOrg org = orgs.ofAny(((Authentication.Salesforce) connection).connection());
        List<Finding> findings = new ArrayList<>();
        CompletableFuture<Void> done = org.session()
                .openNow()
                .handle((token, failure) -> {
                    findings.add(
                            failure == null
                                    ? Finding.of(Level.OK, "Salesforce took the login")
                                    : Finding.of(
                                            Level.FAULT,
                                            Causes.unwrapped(failure).getMessage()));
                    return failure == null;
                })
                .thenCompose(in -> in ? check(org, webhooks, findings) : CompletableFuture.completedFuture(null));
        return done.thenApply(all -> new ConnectionReport(findings));
    }

    /** Describes one object after the other, since an org limits concurrent requests. */
    private static CompletableFuture<Void> check(SalesforceOrg org, List<Webhook> webhooks, List<Finding> findings) {
        List<Mapped> mapped =
                webhooks.stream().flatMap(SalesforceConnectionTest::mapped).toList();
        OrgObjects objects = org.objects();
        CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
        for (String object :
                mapped.stream().map(one -> one.target().object()).distinct().toList()) {
            List<Mapped> users = mapped.stream()
                    .filter(one -> one.target().object().equals(object))
                    .toList();
            all = all.thenCompose(before -> objects.refresh(object))
                    .thenAccept(described -> users.forEach(one -> findings.addAll(
                            new MappingCheck(one.webhook(), one.target(), one.links(), described).findings())))
                    .exceptionally(failure -> {
                        users.forEach(one -> findings.add(notDescribed(one, Causes.unwrapped(failure))));
                        return null;
                    });
        }
        return all.thenRun(() -> webhooks.stream()
                .filter(webhook -> webhook.delivery().target() instanceof Target.OwnRequest)
                .forEach(webhook -> findings.add(
                        new Finding(Level.OK, webhook.name(), null, "it sends its own body, which is not checked"))));
    }

    private static Stream<Mapped> mapped(Webhook webhook) {
        Target target = webhook.delivery().target();
        if (target instanceof Target.Salesforce one) {
            return Stream.of(new Mapped(webhook.name(), one, Set.of()));
        }
        if (target instanceof Target.SalesforceComposite several) {
            return several.parts().stream()
                    .map(part -> new Mapped(
                            webhook.name(), part.record(), part.links().keySet()));
        }
        return Stream.empty();
    }

    private static Finding notDescribed(Mapped one, Throwable failure) {
        if (failure instanceof OrgDescribe.Fault fault) {
            return new Finding(fault.missing() ? Level.FAULT : Level.WARNING, one.webhook(), null, fault.getMessage());
        }
        throw new CompletionException(failure);
    }
}
