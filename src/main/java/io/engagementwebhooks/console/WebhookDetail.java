package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * A webhook as the API shows it alone.
 *
 * @param webhook as in lists
 * @param warnings what may go wrong with its definition
 * @param changedAt when the API changed it last, or null
 * @param definitionProblem why its definition is not in effect, or null
 * @param definition as it is written, secrets masked, or null
 */
public record WebhookDetail(
        @JsonUnwrapped WebhookView webhook,
        List<String> warnings,
        String changedAt,
        String definitionProblem,
        JsonNode definition) {}
