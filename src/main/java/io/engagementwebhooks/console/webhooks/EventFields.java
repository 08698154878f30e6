package io.engagementwebhooks.console.webhooks;

import io.engagementwebhooks.webhook.EventCatalog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The fields of the events that a webhook subscribes to, for its rules and templates. Immutable. */
public final class EventFields {

    private static final List<EventField> ATTRIBUTES = List.of(
            EventField.attribute("type", "Event type"),
            EventField.attribute("id", "Event id"),
            EventField.attribute("time", "Event time"),
            EventField.attribute("subject", "Event subject"));

    private final List<EventField> offered;
    private final Map<String, EventField> byPath = new HashMap<>();

    /**
     * @param catalog of the account
     * @param asked the event types that the webhook subscribes to
     */
    EventFields(EventCatalog catalog, List<String> asked) {
        List<EventField> fields = Stream.concat(
                        catalog.offered(asked).stream().map(EventField::of), ATTRIBUTES.stream())
                .toList();
        Map<String, Long> uses =
                fields.stream().collect(Collectors.groupingBy(EventField::label, Collectors.counting()));
        offered = fields.stream()
                .map(field ->
                        uses.get(field.label()) == 1 ? field : field.labeled(field.label() + " (" + field.path() + ")"))
                .toList();
        // a rule keeps its kind of value when the webhook no longer subscribes to the type of its field
        Stream<EventCatalog.Field> builtIn = EventCatalog.BUILT_IN.offered(List.of()).stream();
        Stream<EventCatalog.Field> all = catalog.offered(List.of("*")).stream();
        Stream<EventField> others =
                Stream.concat(builtIn, all).map(EventField::of).map(field -> field.labeled(field.path()));
        Stream.concat(offered.stream(), others).forEach(field -> byPath.putIfAbsent(field.path(), field));
    }

    /** In display order; labels are unique. */
    public List<EventField> offered() {
        return offered;
    }

    /** The field of a path: offered, or labeled with its path. */
    EventField of(String path) {
        EventField known = byPath.get(path);
        return known == null ? EventField.unknown(path) : known;
    }

    /** Says whether the offered fields of a page are these. */
    public String version() {
        return Integer.toHexString(offered.stream()
                .map(field -> List.of(field.path(), field.label(), field.kind().name(), field.values()))
                .toList()
                .hashCode());
    }
}
