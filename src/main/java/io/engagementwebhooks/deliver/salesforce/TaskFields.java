package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.salesforce.ObjectFields.Field;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Task's standard fields, used without a description of the org.
 *
 * @see <a
 *     href="https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_task.htm">Task,
 *     Object Reference</a>
 */
final class TaskFields {

    static final String OBJECT = "Task";

    static final ObjectFields STANDARD = new ObjectFields(
            OBJECT,
            true,
            true,
            Stream.of(
                            Field.of("Subject", "string", 255),
                            Field.of("CallDisposition", "string", 255),
                            Field.of("CallObject", "string", 255),
                            Field.of("Description", "textarea", 32_000),
                            Field.of("Status", "string", 255),
                            Field.of("Priority", "string", 255),
                            Field.of("CallType", "string", 40),
                            Field.of("TaskSubtype", "string", 40),
                            Field.of("CallDurationInSeconds", "int", 0),
                            Field.of("ActivityDate", "date", 0))
                    .collect(Collectors.toMap(Field::name, field -> field)));

    private static final ObjectFields NOTHING = new ObjectFields("", true, true, Map.of());

    private TaskFields() {}

    /** The known fields of an object that the org did not describe. */
    static ObjectFields knownOf(String object) {
        return object.equals(OBJECT) ? STANDARD : NOTHING;
    }
}
