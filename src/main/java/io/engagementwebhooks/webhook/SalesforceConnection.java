package io.engagementwebhooks.webhook;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Named credentials of a Salesforce org.
 *
 * @param account the account it belongs to
 * @param name unique within the account
 * @param loginUrl the org's My Domain, such as {@code https://acme.my.salesforce.com}
 * @param clientId the consumer key of the external client app or connected app
 * @param login how it logs in
 * @param apiVersion such as {@code 62.0}
 * @param instanceSuffixes hosts that a token answer may name: these, or hosts below them
 * @param batch how many records go in one request
 */
public record SalesforceConnection(
        String account,
        String name,
        URI loginUrl,
        String clientId,
        SalesforceLogin login,
        String apiVersion,
        List<String> instanceSuffixes,
        Batch batch) {

    public SalesforceConnection {
        Objects.requireNonNull(account);
        Objects.requireNonNull(name);
        Objects.requireNonNull(loginUrl);
        Objects.requireNonNull(clientId);
        Objects.requireNonNull(login);
        Objects.requireNonNull(apiVersion);
        instanceSuffixes = List.copyOf(instanceSuffixes);
        Objects.requireNonNull(batch);
    }

    /**
     * How many records of one object go in one request.
     *
     * @param size at most so many, 1 to {@value #MOST}; 1: each by itself
     * @param most how long a delivery waits for others
     */
    public record Batch(int size, Duration most) {
        /** Salesforce takes no more. */
        public static final int MOST = 200;

        /** Where the connection does not say. */
        public static final Batch USUAL = new Batch(MOST, Duration.ofMillis(50));

        public Batch {
            Objects.requireNonNull(most);
        }
    }

    /** Hosts that a token answer may name where the connection does not say. */
    public static final List<String> DEFAULT_INSTANCE_SUFFIXES =
            List.of("salesforce.com", "force.com", "salesforce.mil", "salesforce-scrt.com");

    @Override
    public String toString() {
        return "Salesforce connection '" + name + "' of account '" + account + "'";
    }
}
