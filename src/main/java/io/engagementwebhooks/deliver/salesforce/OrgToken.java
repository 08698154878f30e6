package io.engagementwebhooks.deliver.salesforce;

import java.net.URI;

/**
 * A token with its instance, cached and replaced together.
 *
 * @param value a legal header value
 * @param instance the URL of the org's API, without path; checked
 */
record OrgToken(String value, URI instance) {

    @Override
    public String toString() {
        return "token for " + instance;
    }
}
