package io.engagementwebhooks.api.definition;

import io.engagementwebhooks.webhook.EventCatalog;
import io.engagementwebhooks.webhook.EventTypes;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.template.Body;
import io.engagementwebhooks.webhook.template.FieldValue;
import io.engagementwebhooks.webhook.template.Template;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds macros that name no known field of the events of their webhook. */
public final class MacroCheck {

    /** Custom fields of calls. */
    private static final Pattern CUSTOM = Pattern.compile("custom_\\d+");

    private static final String DATA = "data.";

    private MacroCheck() {}

    /** One sentence per macro; none if the webhook subscribes to a type outside the catalog. */
    public static List<String> warnings(Webhook webhook, EventCatalog catalog) {
        List<EventCatalog.Type> types = catalog.types().stream()
                .filter(type -> webhook.events().match(type.type()))
                .toList();
        Set<String> asked = new TreeSet<>(macros(webhook.delivery().target()));
        boolean isKnown = webhook.events().patterns().stream().allMatch(pattern -> types.stream()
                .anyMatch(type -> new EventTypes(List.of(pattern)).match(type.type())));
        asked.removeIf(macro -> types.stream().anyMatch(type -> isIn(type, macro)));
        return isKnown
                ? asked.stream()
                        .map(macro -> "macro {" + macro + "} names no field that the event types of this webhook are"
                                + " known to have: for an event without it, null or nothing is sent")
                        .toList()
                : List.of();
    }

    private static boolean isIn(EventCatalog.Type type, String macro) {
        if (Template.isOfTheEvent(macro)) {
            return true;
        }
        boolean isPath = macro.indexOf('.') >= 0;
        if (isPath && !macro.startsWith(DATA)) {
            return false;
        }
        String name = isPath ? macro.substring(DATA.length()) : macro;
        return CUSTOM.matcher(name).matches()
                || type.isOwn() && type.fields().isEmpty()
                || type.fields().stream()
                        .anyMatch(
                                field -> isOrHolds(field, name) || field.name().startsWith(name + "."));
    }

    private static boolean isOrHolds(EventCatalog.Field field, String name) {
        boolean holds = field.type().equals("object") || field.type().equals("array");
        return name.equals(field.name()) || holds && name.startsWith(field.name() + ".");
    }

    private static Set<String> macros(Target target) {
        return templates(target).flatMap(template -> template.macros().stream()).collect(Collectors.toSet());
    }

    private static Stream<Template> templates(Target target) {
        if (target instanceof Target.Http http) {
            return Stream.concat(http.headers().values().stream(), templates(http.body()));
        }
        if (target instanceof Target.OwnRequest own) {
            return templates(own.request());
        }
        if (target instanceof Target.Kamelet kamelet) {
            return templates(kamelet.message());
        }
        if (target instanceof Target.Salesforce record) {
            return Stream.concat(record.fields().values().stream(), record.externalIdValue().stream())
                    .flatMap(MacroCheck::templates);
        }
        return target instanceof Target.SalesforceComposite composite
                ? composite.parts().stream().flatMap(part -> templates(part.record()))
                : Stream.empty();
    }

    private static Stream<Template> templates(Body body) {
        if (body instanceof Body.Templated templated) {
            return Stream.of(templated.template());
        }
        return body instanceof Body.Form form ? form.fields().values().stream() : Stream.empty();
    }

    private static Stream<Template> templates(FieldValue value) {
        if (value instanceof FieldValue.Mapped mapped) {
            return templates(mapped.value());
        }
        return value instanceof FieldValue.Text text ? Stream.of(text.template()) : Stream.empty();
    }
}
