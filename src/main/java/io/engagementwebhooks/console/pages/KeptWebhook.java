package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A webhook as it is stored.
 *
 * @param managedBy {@code file} or {@code api}
 * @param definition as the API shows it, without secrets
 */
record KeptWebhook(String managedBy, JsonNode definition) {

    boolean isOfFile() {
        return !"api".equals(managedBy);
    }
}
