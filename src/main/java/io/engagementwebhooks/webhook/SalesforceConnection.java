package io.engagementwebhooks.webhook;

import java.net.URI;
import java.util.Objects;

/**
 * Named credentials of a Salesforce org, for the client credentials grant on the org's My Domain.
 *
 * @param account the account it belongs to
 * @param name unique within the account
 * @param loginUrl the org's My Domain, such as {@code https://acme.my.salesforce.com}
 * @param clientId the connected app's consumer key
 * @param clientSecret the connected app's consumer secret
 * @param apiVersion such as {@code 62.0}
 * @param instanceSuffixes hosts that a token answer may name: these, or hosts below them
 */
public record SalesforceConnection(
        String account,
        String name,
        URI loginUrl,
        String clientId,
        Secret clientSecret,
        String apiVersion,
        java.util.List<String> instanceSuffixes) {

    public SalesforceConnection {
        Objects.requireNonNull(account);
        Objects.requireNonNull(name);
        Objects.requireNonNull(loginUrl);
        Objects.requireNonNull(clientId);
        Objects.requireNonNull(clientSecret);
        Objects.requireNonNull(apiVersion);
        instanceSuffixes = java.util.List.copyOf(instanceSuffixes);
    }

    /** Hosts that a token answer may name where the connection does not say. */
    public static final java.util.List<String> DEFAULT_INSTANCE_SUFFIXES =
            java.util.List.of("salesforce.com", "force.com", "salesforce.mil");

    @Override
    public String toString() {
        return "Salesforce connection '" + name + "' of account '" + account + "'";
    }
}
