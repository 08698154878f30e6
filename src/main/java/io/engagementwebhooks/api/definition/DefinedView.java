package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;

/**
 * The definition of a resource.
 *
 * @param changedAt when the API last changed it, or null
 * @param definitionProblem why its definition is not in effect, or null
 * @param definition secrets masked, or null: there is none
 */
public record DefinedView(String changedAt, String definitionProblem, JsonNode definition) {

    /** A resource that is defined inside another one. */
    static final DefinedView ELSEWHERE = new DefinedView(null, null, null);

    /** The definition; a missing node: there is none. */
    public JsonNode json() {
        return definition == null ? MissingNode.getInstance() : definition;
    }
}
