package io.engagementwebhooks.console;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * How a thing is defined.
 *
 * @param changedAt when the API changed it last, or null
 * @param definitionProblem why its definition is not in effect, or null
 * @param definition secrets masked, or null: there is none
 */
public record DefinedView(String changedAt, String definitionProblem, JsonNode definition) {

    /** A thing that is defined with another one. */
    static final DefinedView ELSEWHERE = new DefinedView(null, null, null);
}
