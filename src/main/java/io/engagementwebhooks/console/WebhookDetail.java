package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * A webhook in the API, with its definition.
 *
 * @param webhook as in lists
 * @param warnings about its definition
 * @param changedAt when the API last changed it, or null
 * @param definitionProblem why its definition is not in effect, or null
 * @param definition as written, secrets masked, or null
 */
public record WebhookDetail(
        @JsonUnwrapped WebhookView webhook,
        List<String> warnings,
        String changedAt,
        String definitionProblem,
        JsonNode definition) {}
