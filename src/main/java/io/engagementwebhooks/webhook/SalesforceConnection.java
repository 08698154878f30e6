package io.engagementwebhooks.webhook;

import java.net.URI;
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
 */
public record SalesforceConnection(
        String account,
        String name,
        URI loginUrl,
        String clientId,
        SalesforceLogin login,
        String apiVersion,
        List<String> instanceSuffixes) {

    public SalesforceConnection {
        Objects.requireNonNull(account);
        Objects.requireNonNull(name);
        Objects.requireNonNull(loginUrl);
        Objects.requireNonNull(clientId);
        Objects.requireNonNull(login);
        Objects.requireNonNull(apiVersion);
        instanceSuffixes = List.copyOf(instanceSuffixes);
    }

    /** Hosts that a token answer may name where the connection does not say. */
    public static final List<String> DEFAULT_INSTANCE_SUFFIXES =
            List.of("salesforce.com", "force.com", "salesforce.mil");

    @Override
    public String toString() {
        return "Salesforce connection '" + name + "' of account '" + account + "'";
    }
}
