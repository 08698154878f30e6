package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;

/** Receives the results of a {@link Filter} one by one. */
interface Output {

    /** @param at the path of the value; null: paths are not needed, or the value is computed */
    void emit(JsonNode value, Path at);
}
