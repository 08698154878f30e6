package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.request.PlannedRequest;
import io.engagementwebhooks.webhook.Target;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A preview of the records that a webhook would write to Salesforce, before they are fitted to the org's description.
 * Thread-safe.
 */
public final class PlannedWrite implements PlannedRequest {

    @Override
    public String type() {
        return "salesforce";
    }

    @Override
    public Map<String, Object> of(Delivery delivery) {
        Target target = delivery.webhook().delivery().target();
        OrgWrite write = target instanceof Target.SalesforceComposite several
                ? OrgWrite.of(several, delivery.content())
                : OrgWrite.of((Target.Salesforce) target, delivery.content());
        List<Map<String, Object>> records =
                write.records().stream().map(PlannedWrite::view).toList();
        return Map.of("records", records);
    }

    private static Map<String, Object> view(PlannedRecord record) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("object", record.object());
        view.put("operation", record.operation().text());
        if (record.isUpsert()) {
            view.put("externalId", record.idField());
            view.put("externalIdValue", record.idValue());
        }
        view.put("fields", record.fields());
        return view;
    }
}
