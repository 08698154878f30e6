package io.engagementwebhooks.deliver.contentsquare;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.request.PlannedRequest;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A preview of the enrichment that a webhook would send to Contentsquare; its number is assigned on sending.
 * Thread-safe.
 */
public final class PlannedEnrichment implements PlannedRequest {

    @Override
    public String type() {
        return "contentsquare";
    }

    @Override
    public Map<String, Object> of(Delivery delivery) {
        Target.Contentsquare target =
                (Target.Contentsquare) delivery.webhook().delivery().target();
        JsonNode content = delivery.content();
        SessionIds session = SessionIds.in(content, target.sessionPath())
                .orElseThrow(() -> new BodyFault("no Contentsquare session in the event, so it would be skipped"));
        Enrichment enrichment = Enrichment.of(
                content,
                target.fields(),
                ContentsquareProjects.connection(delivery).schema());
        if (enrichment.values().isEmpty()) {
            throw new BodyFault("the event has no value for any field of the schema, so it would be skipped");
        }
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("projectId", session.projectId());
        view.put("userId", session.userId());
        view.put("sessionNumber", session.sessionNumber());
        view.put("enrichment", enrichment.values());
        view.put("notes", enrichment.notes());
        return view;
    }
}
