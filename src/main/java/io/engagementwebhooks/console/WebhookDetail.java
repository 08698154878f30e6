package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;

/**
 * A webhook in the API, with its definition.
 *
 * @param webhook as in lists
 * @param warnings about its definition
 * @param defined its definition
 */
public record WebhookDetail(
        @JsonUnwrapped WebhookView webhook, List<String> warnings, @JsonUnwrapped DefinedView defined) {}
