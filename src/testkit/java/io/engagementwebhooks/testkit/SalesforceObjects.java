package io.engagementwebhooks.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.testkit.SalesforceStandIn.Fault;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The stand-in's objects, and its checks of records. Fields, lengths and picklists: Object Reference, Task and Lead;
 * custom fields end with {@code __c}, platform events with {@code __e}.
 */
final class SalesforceObjects {

    enum Type {
        TEXT("string"),
        PICKLIST("picklist"),
        DATE("date"),
        DATETIME("datetime"),
        INT("int"),
        BOOLEAN("boolean"),
        REFERENCE("reference");

        private final String described;

        Type(String described) {
            this.described = described;
        }
    }

    /** When a field may be written: always, on creation, never. */
    enum Write {
        ALWAYS,
        AT_CREATION,
        NEVER
    }

    record Field(
            String name,
            Type type,
            int length,
            Set<String> allowed,
            boolean required,
            boolean externalId,
            Write write) {

        Field written(Write when) {
            return new Field(name, type, length, allowed, required, externalId, when);
        }
    }

    /** An object, or with a name that ends with {@code __e} a platform event. */
    record SObject(String name, Map<String, Field> fields) {
        boolean isEvent() {
            return name.endsWith("__e");
        }
    }

    private static final Map<String, SObject> OBJECTS = Arrays.stream(new SObject[] {
                object(
                        "Task",
                        text("Subject", 255),
                        text("Description", 32_000),
                        text("CallDisposition", 255),
                        text("CallObject", 255),
                        text("Status", 255),
                        text("Priority", 255),
                        of("ActivityDate", Type.DATE),
                        of("ReminderDateTime", Type.DATETIME),
                        of("IsReminderSet", Type.BOOLEAN),
                        of("CallDurationInSeconds", Type.INT),
                        picklist("CallType", "Inbound", "Outbound", "Internal"),
                        picklist("TaskSubtype", "Task", "Email", "ListEmail", "Cadence", "Call", "LinkedIn")
                                .written(Write.AT_CREATION),
                        of("WhoId", Type.REFERENCE),
                        of("WhatId", Type.REFERENCE),
                        of("OwnerId", Type.REFERENCE),
                        of("AccountId", Type.REFERENCE).written(Write.NEVER),
                        externalId("Call_Id__c", 40)),
                object(
                        "Lead",
                        required("LastName", 80),
                        required("Company", 255),
                        text("FirstName", 40),
                        text("Phone", 40),
                        text("LeadSource", 255),
                        externalId("Caller_Id__c", 40),
                        externalId("Call_Id__c", 40)),
                object(
                        "Call__c",
                        text("Name", 80),
                        text("Caller__c", 40),
                        of("Seconds__c", Type.INT),
                        of("Started__c", Type.DATETIME),
                        of("Answered__c", Type.BOOLEAN),
                        picklist("Result__c", "No Answer", "Reached"),
                        of("Contact__c", Type.REFERENCE),
                        externalId("Call_Id__c", 40)),
                object("Call_Ended__e", text("Call_Id__c", 40), text("Caller__c", 40), of("Seconds__c", Type.INT))
            })
            .collect(Collectors.toMap(SObject::name, object -> object));

    private SalesforceObjects() {}

    static Optional<SObject> named(String object) {
        return Optional.ofNullable(OBJECTS.get(object));
    }

    /** Checks a record like an org before a write. @throws Fault with what is wrong */
    static void check(SObject object, ObjectNode record, boolean isNew) {
        record.properties().forEach(sent -> {
            Field field = object.fields().get(sent.getKey());
            // StatusCode INVALID_FIELD: "No such column 'X' on sobject of type Y"
            if (field == null) {
                throw new Fault(
                        400,
                        "INVALID_FIELD",
                        "No such column '" + sent.getKey() + "' on sobject of type " + object.name());
            }
            checkWritable(field, isNew);
            if (!sent.getValue().isNull()) {
                checkType(field, sent.getValue());
                checkValue(field, sent.getValue().asText());
            }
        });
        if (isNew) {
            checkRequired(object.fields(), record);
        }
    }

    /** StatusCode INVALID_FIELD_FOR_INSERT_UPDATE: "Unable to create/update fields: X". */
    private static void checkWritable(Field field, boolean isNew) {
        if (field.write() == Write.NEVER || (field.write() == Write.AT_CREATION && !isNew)) {
            throw new Fault(
                    400,
                    "INVALID_FIELD_FOR_INSERT_UPDATE",
                    "Unable to create/update fields: " + field.name()
                            + ". Please check the security settings of this field and verify that it is read/write for"
                            + " your profile or permission set.",
                    field.name());
        }
    }

    /** REST API Developer Guide, sObject Describe: the part that matters to those who write records. */
    static ObjectNode describe(SObject object) {
        ObjectNode described = JsonNodeFactory.instance.objectNode();
        described.put("name", object.name()).put("createable", true).put("updateable", !object.isEvent());
        ArrayNode fields = described.putArray("fields");
        object.fields().values().forEach(field -> {
            ObjectNode one = fields.addObject();
            one.put("name", field.name())
                    .put("type", field.type().described)
                    .put("length", field.length())
                    .put("createable", field.write() != Write.NEVER)
                    .put("updateable", field.write() == Write.ALWAYS)
                    .put("nillable", !field.required())
                    .put("defaultedOnCreate", field.type() == Type.BOOLEAN)
                    .put("externalId", field.externalId())
                    .put("idLookup", field.externalId())
                    .put("restrictedPicklist", field.type() == Type.PICKLIST);
            ArrayNode values = one.putArray("picklistValues");
            field.allowed().forEach(value -> values.addObject()
                    .put("value", value)
                    .put("label", value)
                    .put("active", true));
        });
        return described;
    }

    private static void checkRequired(Map<String, Field> fields, ObjectNode record) {
        List<String> missing = fields.values().stream()
                .filter(Field::required)
                .map(Field::name)
                .filter(name -> record.path(name).asText("").isEmpty())
                .toList();
        // StatusCode REQUIRED_FIELD_MISSING: "Required fields are missing: [X]"
        if (!missing.isEmpty()) {
            throw new Fault(
                    400,
                    "REQUIRED_FIELD_MISSING",
                    "Required fields are missing: " + missing,
                    missing.toArray(String[]::new));
        }
    }

    /** JSON_PARSER_ERROR: "Cannot deserialize instance of string from VALUE_NUMBER_INT value 1". */
    private static void checkType(Field field, JsonNode value) {
        boolean fits =
                switch (field.type()) {
                    case INT -> value.isIntegralNumber() && value.canConvertToInt();
                    case BOOLEAN -> value.isBoolean();
                    default -> value.isTextual();
                };
        if (!fits) {
            throw unreadable(field, value.toString());
        }
    }

    private static void checkValue(Field field, String text) {
        switch (field.type()) {
            case TEXT -> checkLength(field, text);
            case PICKLIST -> checkPicklist(field, text);
            case DATE -> checkTime(field, text, () -> LocalDate.parse(text));
            case DATETIME -> checkTime(field, text, () -> OffsetDateTime.parse(text));
            case REFERENCE -> checkId(field, text);
            default -> {
                // numbers and booleans are whatever JSON says
            }
        }
    }

    /** StatusCode STRING_TOO_LONG: "Subject: data value too large: … (max length=255)". */
    private static void checkLength(Field field, String text) {
        if (text.length() > field.length()) {
            throw new Fault(
                    400,
                    "STRING_TOO_LONG",
                    field.name() + ": data value too large: " + text + " (max length=" + field.length() + ")",
                    field.name());
        }
    }

    /** StatusCode INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST. */
    private static void checkPicklist(Field field, String text) {
        if (!field.allowed().contains(text)) {
            throw new Fault(
                    400,
                    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                    field.name() + ": bad value for restricted picklist field: " + text,
                    field.name());
        }
    }

    /** Field Types: date is yyyy-MM-dd, dateTime is ISO 8601 with an offset; else JSON_PARSER_ERROR. */
    private static void checkTime(Field field, String text, Runnable parse) {
        try {
            parse.run();
        } catch (DateTimeException e) {
            throw unreadable(field, text);
        }
    }

    /** StatusCode MALFORMED_ID: an ID has 15 or 18 letters and digits. */
    private static void checkId(Field field, String text) {
        if (!text.matches("[a-zA-Z0-9]{15}|[a-zA-Z0-9]{18}")) {
            throw new Fault(400, "MALFORMED_ID", field.name() + ": id value of incorrect type: " + text, field.name());
        }
    }

    private static Fault unreadable(Field field, String value) {
        return new Fault(
                400,
                "JSON_PARSER_ERROR",
                "Cannot deserialize instance of " + field.type().name().toLowerCase(java.util.Locale.ROOT)
                        + " from value " + value + " at " + field.name());
    }

    private static SObject object(String name, Field... fields) {
        return new SObject(name, byName(fields));
    }

    private static Map<String, Field> byName(Field... fields) {
        return Arrays.stream(fields)
                .collect(Collectors.toMap(Field::name, field -> field, (one, other) -> one, TreeMap::new));
    }

    private static Field text(String name, int length) {
        return new Field(name, Type.TEXT, length, Set.of(), false, false, Write.ALWAYS);
    }

    private static Field required(String name, int length) {
        return new Field(name, Type.TEXT, length, Set.of(), true, false, Write.ALWAYS);
    }

    private static Field externalId(String name, int length) {
        return new Field(name, Type.TEXT, length, Set.of(), false, true, Write.ALWAYS);
    }

    private static Field of(String name, Type type) {
        return new Field(name, type, 0, Set.of(), false, false, Write.ALWAYS);
    }

    private static Field picklist(String name, String... allowed) {
        return new Field(name, Type.PICKLIST, 40, Set.of(allowed), false, false, Write.ALWAYS);
    }
}
