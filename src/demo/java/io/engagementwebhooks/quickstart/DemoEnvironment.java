package io.engagementwebhooks.quickstart;

import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Everything the product talks to, on free ports of loopback. Thread-safe. */
final class DemoEnvironment implements AutoCloseable {

    private final DemoSecrets secrets;
    private final DemoTokenServer tokens;
    private final DemoReceivers receivers;
    private final SalesforceStandIn salesforce;
    private final ContentsquareStandIn contentsquare;

    private DemoEnvironment(DemoSecrets secrets, Clock clock) throws IOException {
        this.secrets = secrets;
        tokens = DemoTokenServer.start(secrets.crmClientSecret());
        receivers = new DemoReceivers(secrets, tokens, clock);
        salesforce = SalesforceStandIn.start(secrets.salesforceSecret());
        contentsquare = new ContentsquareStandIn(
                0, ContentsquareStandIn.CLIENT_ID, secrets.contentsquareSecret(), ContentsquareStandIn.CALL_SCHEMA);
    }

    static DemoEnvironment start(DemoSecrets secrets, Clock clock) throws IOException {
        return new DemoEnvironment(secrets, clock);
    }

    /** What {@code examples/quickstart/webhooks.yaml} asks of its environment. */
    Map<String, String> environment() {
        return Map.ofEntries(
                Map.entry("ACME_INGEST_KEY", secrets.ingestKey()),
                Map.entry("ACME_ADMIN_KEY", secrets.adminKey()),
                Map.entry("ACME_SIGNING_SECRET", secrets.signingSecret()),
                Map.entry("ACME_SIGNING_KEY", secrets.signingKey()),
                Map.entry("PARTNER_URL", receivers.url("/partner")),
                Map.entry("PARTNER_PASSWORD", secrets.partnerPassword()),
                Map.entry("CALL_BACK_URL", receivers.url("/call-back")),
                Map.entry("CALL_BACK_PASSWORD", secrets.callBackPassword()),
                Map.entry("CRM_URL", receivers.url("/crm")),
                Map.entry("CRM_AUTHENTICATION_ENDPOINT", tokens.authenticationEndpoint()),
                Map.entry("CRM_CLIENT_SECRET", secrets.crmClientSecret()),
                Map.entry("SALESFORCE_LOGIN_URL", salesforce.url().toString()),
                Map.entry("SALESFORCE_CLIENT_SECRET", secrets.salesforceSecret()),
                Map.entry("CONTENTSQUARE_TOKEN_URL", contentsquare.tokenUrl().toString()),
                Map.entry("CONTENTSQUARE_CLIENT_SECRET", secrets.contentsquareSecret()));
    }

    /** Deliveries that the product marked delivered and no receiver here got. */
    List<String> missing(List<Row> rows) {
        List<Row> delivered =
                rows.stream().filter(row -> row.outcome().equals(Row.DELIVERED)).toList();
        List<String> missing = new ArrayList<>();
        for (Row row : delivered) {
            boolean http = row.authentication().equals("header")
                    || row.authentication().equals("oauth2");
            if (http && !receivers.took(row.id())) {
                missing.add(row.id() + " of " + row.webhook());
            }
        }
        // several events of a call upsert one Task
        if (count(delivered, "salesforce") > 0 && salesforce.records().isEmpty()) {
            missing.add("Tasks in Salesforce");
        }
        if (count(delivered, "contentsquare") > contentsquare.acceptedBatches()) {
            missing.add("enrichments in Contentsquare");
        }
        return missing;
    }

    /** What the receivers did not let in, and why. */
    List<String> refusals() {
        return receivers.refusals();
    }

    private static long count(List<Row> rows, String authentication) {
        return rows.stream()
                .filter(row -> row.authentication().equals(authentication))
                .count();
    }

    @Override
    public void close() {
        receivers.close();
        salesforce.close();
        contentsquare.close();
        tokens.close();
    }
}
