package io.engagementwebhooks.webhook;

import io.engagementwebhooks.webhook.auth.SalesforceLogin;
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
 * @param login the login flow
 * @param apiVersion such as {@code 66.0}
 * @param instanceSuffixes allowed hosts, including subdomains, of the instance in token responses
 * @param batch limits of a batch of records of one object, at most 200
 */
public record SalesforceConnection(
        String account,
        String name,
        URI loginUrl,
        String clientId,
        SalesforceLogin login,
        String apiVersion,
        List<String> instanceSuffixes,
        Batch batch)
        implements OwnedResource {

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

    /** The default instance suffixes. */
    public static final List<String> DEFAULT_INSTANCE_SUFFIXES =
            List.of("salesforce.com", "force.com", "salesforce.mil", "salesforce-scrt.com");

    @Override
    public ResourceKind kind() {
        return ResourceKind.CONNECTION;
    }

    @Override
    public String toString() {
        return "Salesforce connection '" + name + "' of account '" + account + "'";
    }
}
