package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.ConnectionReport.Finding;
import io.engagementwebhooks.deliver.ConnectionReport.Level;
import io.engagementwebhooks.webhook.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Checks a webhook's mapping against the org's description of the object. */
final class MappingCheck {

    private final String webhook;
    private final Target.Salesforce target;
    private final Set<String> links;
    private final ObjectFields described;
    private final List<Finding> findings = new ArrayList<>();

    /** @param links fields set to the id of another record of the request */
    MappingCheck(String webhook, Target.Salesforce target, Set<String> links, ObjectFields described) {
        this.webhook = webhook;
        this.target = target;
        this.links = links;
        this.described = described;
    }

    /** The problems found; one finding of level OK if there are none. */
    List<Finding> findings() {
        boolean upsert = target.operation() == Target.Salesforce.Operation.UPSERT;
        if (!described.createable() || (upsert && !described.updateable())) {
            fault(
                    null,
                    "the user of the connection may not " + (upsert ? "create and update " : "create ") + name()
                            + ": give it the permission in Salesforce");
        }
        Set<String> written = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        written.addAll(
                target.fields().isEmpty() ? CallTask.FIELDS : target.fields().keySet());
        written.addAll(links);
        written.forEach(field -> checkField(field, upsert));
        target.externalId().filter(id -> upsert).ifPresent(this::checkExternalId);
        checkRequired(written, upsert);
        if (findings.isEmpty()) {
            findings.add(new Finding(Level.OK, webhook, null, "what it writes to " + name() + " fits"));
        }
        return findings;
    }

    private void checkField(String field, boolean upsert) {
        // a relationship path, such as Account.Ext__c, belongs to the other object
        if (field.indexOf('.') >= 0) {
            return;
        }
        ObjectFields.Field known = described.field(field).orElse(null);
        if (known == null) {
            fault(field, name() + " has no field '" + field + "', or the user of the connection may not see it");
        } else if (!known.createable()) {
            fault(field, field + " of " + name() + " may not be written by the user of the connection");
        } else if (upsert && !known.updateable()) {
            findings.add(new Finding(
                    Level.WARNING,
                    webhook,
                    field,
                    field + " of " + name() + " can be set only when the record is made; updates leave it out"));
        }
    }

    private void checkExternalId(String field) {
        ObjectFields.Field known = described.field(field).orElse(null);
        if (known == null) {
            fault(field, name() + " has no field '" + field + "', or the user of the connection may not see it");
        } else if (!known.idLookup()) {
            fault(field, field + " of " + name() + " is no external id: mark it as External ID in Salesforce");
        }
    }

    private void checkRequired(Set<String> written, boolean upsert) {
        Set<String> given = new HashSet<>(written);
        target.externalId().ifPresent(given::add);
        described.byName().values().stream()
                .filter(ObjectFields.Field::required)
                .map(ObjectFields.Field::name)
                .filter(name -> given.stream().noneMatch(name::equalsIgnoreCase))
                .forEach(name -> findings.add(new Finding(
                        upsert ? Level.WARNING : Level.FAULT,
                        webhook,
                        name,
                        name() + " cannot be created without " + name + ": name it in 'fields'"
                                + (upsert ? "; records that exist are updated" : ""))));
    }

    private String name() {
        return target.object();
    }

    private void fault(String field, String text) {
        findings.add(new Finding(Level.FAULT, webhook, field, text));
    }
}
