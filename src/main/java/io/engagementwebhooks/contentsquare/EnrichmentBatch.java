package io.engagementwebhooks.contentsquare;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Enrichments of one project and one version of its integration: accepted or rejected as a whole.
 *
 * @param enrichments at least one
 */
public record EnrichmentBatch(long projectId, int integrationVersion, List<Enrichment> enrichments) {

    public EnrichmentBatch {
        enrichments = List.copyOf(enrichments);
        if (enrichments.isEmpty()) {
            throw new IllegalArgumentException("a batch needs at least one enrichment");
        }
    }

    /**
     * Additional data of a session. The same session and number overwrite.
     *
     * @param userId Contentsquare's id of the visitor
     * @param sessionNumber the visitor's session
     * @param enrichmentNumber 1 to 3
     * @param fields by the integration's schema; do not modify afterwards
     */
    public record Enrichment(String userId, long sessionNumber, int enrichmentNumber, ObjectNode fields) {
        @Override
        public String toString() {
            return "enrichment " + enrichmentNumber + " of a session";
        }
    }

    /** The request body. */
    public byte[] toJson() {
        ObjectNode batch = Json.MAPPER
                .createObjectNode()
                .put("integrationVersion", integrationVersion)
                .put("projectId", projectId);
        ArrayNode items = batch.putArray("enrichments");
        enrichments.forEach(each -> items.addObject()
                .put("userId", each.userId())
                .put("sessionNumber", each.sessionNumber())
                .put("enrichmentNumber", each.enrichmentNumber())
                .set("enrichment", each.fields()));
        return Json.write(batch);
    }

    @Override
    public String toString() {
        return enrichments.size() + " enrichment(s) of project " + projectId;
    }
}
