package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.config.DefinitionReader;
import io.engagementwebhooks.config.read.AccountResources;
import io.engagementwebhooks.config.schema.FieldFault;
import io.engagementwebhooks.deliver.step.OwnDestinations;
import io.engagementwebhooks.webhook.Durations;
import io.engagementwebhooks.webhook.Resource;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A change being validated, with its errors. Not thread-safe. */
final class DefinitionDraft {

    private static final Duration LONGEST_GRACE = Duration.ofDays(366);
    private static final Duration DEFAULT_GRACE = Duration.ofHours(24);

    private final ResourceKind kind;
    private final StoredDefinitions made;
    private final DefinitionReader reader;
    private final OwnDestinations destinations;
    private final List<FieldFault> faults = new ArrayList<>();

    DefinitionDraft(ResourceKind kind, StoredDefinitions made, DefinitionReader reader, OwnDestinations destinations) {
        this.kind = kind;
        this.made = made;
        this.reader = reader;
        this.destinations = destinations;
    }

    List<FieldFault> faults() {
        return faults;
    }

    void fault(String pointer, String detail, String wayOut, String code) {
        faults.add(new FieldFault(pointer, detail, wayOut, code));
    }

    ObjectNode meant(ObjectNode given, ObjectNode before) {
        return Masked.meant(kind, given, before, faults);
    }

    Duration grace(JsonNode given) {
        if (given.isMissingNode()) {
            return DEFAULT_GRACE;
        }
        try {
            Duration grace = Durations.parse(given.asText());
            if (grace.compareTo(LONGEST_GRACE) <= 0) {
                return grace;
            }
        } catch (IllegalArgumentException e) {
            // reported below
        }
        fault("/grace", "'grace' is not a duration up to 366d", "write 24h, 7d or 0s", "duration");
        return DEFAULT_GRACE;
    }

    /** @param itself the name of the changed resource; empty: it is new */
    Resource read(ApiRequest request, ObjectNode definition, String itself) {
        String name = definition.path(kind.nameKey()).asText();
        if (name.equals(".") || name.equals("..")) {
            fault(
                    "/" + kind.nameKey(),
                    "'" + name + "' is removed from URL paths, so it could never be changed again",
                    "choose another name",
                    "pattern");
        }
        refuseTaken(request.account(), name, itself);
        return read(made.resources(request.account(), kind, itself), definition);
    }

    /** Refuses the name of a definition that is not in effect. */
    private void refuseTaken(String account, String name, String itself) {
        boolean isTaken = made.kept(account, kind, name)
                .filter(kept -> !kept.isInEffect())
                .isPresent();
        if (isTaken && !name.equals(itself)) {
            fault(
                    "/" + kind.nameKey(),
                    kind.words() + " '" + name + "' exists already, but is not in effect now",
                    "choose another name, or correct or delete that one",
                    "taken");
        }
    }

    private void refuseDestination(Resource resource) {
        if (resource instanceof Webhook webhook) {
            boolean isKamelet = webhook.delivery().target() instanceof Target.Kamelet;
            destinations
                    .refusal(webhook)
                    .ifPresent(why -> fault(
                            isKamelet ? "/delivery/kamelet" : "/delivery/authentication/destination",
                            why,
                            "ask the operator, or choose another delivery method",
                            "destination"));
        }
    }

    Resource read(AccountResources resources, ObjectNode definition) {
        Resource resource = null;
        try {
            resource = reader.read(resources, kind, definition);
            refuseDestination(resource);
        } catch (DefinitionReader.Refused e) {
            faults.addAll(e.faults());
        }
        if (!faults.isEmpty()) {
            throw Definitions.invalid(faults);
        }
        return resource;
    }
}
