package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.egress.HttpFailures;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.judge.Outcome.Delivered;
import io.engagementwebhooks.deliver.judge.Outcome.GaveUp;
import io.engagementwebhooks.deliver.judge.Outcome.NotSent;
import io.engagementwebhooks.deliver.judge.Outcome.TryLater;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Maps Salesforce's responses to outcomes, by the error code, or by the status if there is none.
 *
 * @param org the delivery's org
 * @param write the records sent
 * @param objects descriptions of the org's objects
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm">Status Codes
 *     and Error Responses, REST API Developer Guide</a>
 */
record SalesforceErrorMapper(Delivery delivery, SalesforceOrg org, OrgWrite write, Map<String, ObjectFields> objects) {

    private static final int UNKNOWN = 0;

    /** Codes of temporary errors, with any status. */
    private static final Set<String> TEMPORARY = Set.of(
            "UNABLE_TO_LOCK_ROW",
            "SERVER_UNAVAILABLE",
            "LIMIT_EXCEEDED",
            "PLATFORM_EVENT_PUBLISHING_UNAVAILABLE",
            "QUERY_TIMEOUT",
            "API_CURRENTLY_DISABLED",
            "UNKNOWN_EXCEPTION");

    private static final Set<Integer> TEMPORARY_STATUSES = Set.of(UNKNOWN, 408, 409, 425, 429);

    /** A field that this user may set only on creation, or never. */
    private static final String NOT_WRITABLE = "INVALID_FIELD_FOR_INSERT_UPDATE";

    /** Codes that may mean that the cached description is outdated. */
    private static final Set<String> OUTDATED_DESCRIPTION = Set.of(
            "INVALID_FIELD",
            "STRING_TOO_LONG",
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "REQUIRED_FIELD_MISSING",
            NOT_WRITABLE);

    /** The outcome of a 2xx response to a composite request. */
    Outcome answered(List<PartAnswer> parts) {
        return PartAnswer.failed(parts)
                .map(part -> refused(part.status(), part.errors(), "record '" + part.name() + "'"))
                .orElseGet(() -> delivered(""));
    }

    /** The outcome of another 2xx response. @param errors the reported failures */
    Outcome answered(int status, List<RecordError> errors) {
        return errors.isEmpty() ? delivered("") : refused(status, errors);
    }

    private Outcome delivered(String note) {
        org.limits().succeeded();
        write.keys().forEach(org.existing()::add);
        return new Delivered(note);
    }

    /**
     * Whether an earlier attempt got no response and may have written the record. Not for a composite request: one
     * existing record does not prove that all exist.
     */
    private boolean mayHaveArrived() {
        return write.kind() == OrgWrite.Kind.RECORD && org.unanswered().contains(delivery.id());
    }

    /** Adds fields that only the message names, limited to names that we sent. */
    private RecordError withFields(RecordError error) {
        return error.fields().isEmpty()
                ? new RecordError(
                        error.code(),
                        error.message(),
                        write.records().stream()
                                .flatMap(PlannedRecord::fieldNames)
                                .distinct()
                                .filter(field -> mentions(error.message(), field))
                                .toList())
                : error;
    }

    /** The outcome of a call without a complete response. The record may have been written. */
    Outcome unanswered(boolean inTime) {
        String what = inTime
                ? "The connection to Salesforce broke before the whole answer came"
                : "Salesforce did not answer within "
                        + HttpFailures.inWords(delivery.webhook().delivery().timeout());
        org.unanswered().add(delivery.id());
        return new TryLater(what + mayExistNote(), null, false, !inTime);
    }

    private String mayExistNote() {
        if (write.isRepeatable()) {
            return "";
        }
        return write.kind() == OrgWrite.Kind.OWN
                ? "; it may have been taken already"
                : "; the record may exist already";
    }

    /** The outcome of an error response. */
    Outcome refused(int status, List<RecordError> errors) {
        return refused(status, errors, write.kind() == OrgWrite.Kind.OWN ? "the request" : "the record");
    }

    private Outcome refused(int status, List<RecordError> errors, String what) {
        RecordError first = errors.isEmpty() ? RecordError.none() : withFields(errors.get(0));
        if (OrgCalls.isTokenRefused(status, path(), errors)) {
            boolean lasting = org.session()
                    .fault()
                    .filter(NothingSentException::isLasting)
                    .isPresent();
            return new NotSent(refusedLogin(), org.session().retryAt(), lasting);
        }
        if (first.code().equals("REQUEST_LIMIT_EXCEEDED")) {
            return limit(first);
        }
        if (first.code().equals("DUPLICATE_VALUE") && isOurId(first)) {
            return mayHaveArrived()
                    ? delivered("an attempt before this one had arrived: the record exists already")
                    : TryLater.bySchedule("Salesforce had another write to the same record at that moment");
        }
        updateCaches(first);
        if (isSetAtCreationOnly(first)) {
            write.keys().forEach(org.existing()::add);
            return TryLater.bySchedule("The record exists already, and " + String.join(", ", first.fields())
                    + " can be set only when it is made: the next attempt leaves that out");
        }
        return isTemporary(status, first)
                ? new TryLater(
                        describe(status, "Salesforce could not do it now", first),
                        null,
                        false,
                        TryLater.isOverload(status))
                : GaveUp.because(describe(status, "Salesforce refused " + what, first));
    }

    private void updateCaches(RecordError error) {
        if (error.code().equals("UNABLE_TO_LOCK_ROW")) {
            org.contended().notLocked(write.parents(objects));
        }
        if (OUTDATED_DESCRIPTION.contains(error.code())) {
            write.objects().forEach(org.objects()::evictOutdated);
        }
    }

    /**
     * Whether an upsert failed since it updates a record with a create-only field, such as a Task's subtype, and this
     * was not known before.
     */
    private boolean isSetAtCreationOnly(RecordError error) {
        return error.code().equals(NOT_WRITABLE)
                && write.records().size() == 1
                && write.records().get(0).isUpsert()
                && !error.fields().isEmpty()
                && write.keys().stream().noneMatch(org.existing()::contains)
                && error.fields().stream().allMatch(this::isCreateOnly);
    }

    private boolean isCreateOnly(String field) {
        return OrgWrite.known(write.records().get(0).object(), objects)
                .field(field)
                .filter(known -> known.createable() && !known.updateable())
                .isPresent();
    }

    /** The path of the request, or a part of it. */
    private String path() {
        return write.kind() == OrgWrite.Kind.OWN ? SalesforceJudge.path(delivery) : OrgCalls.REST_API;
    }

    private String refusedLogin() {
        return org.session()
                .fault()
                .map(NothingSentException::getMessage)
                .orElse("Salesforce does not accept the connection's login any more");
    }

    private Outcome limit(RecordError error) {
        boolean concurrent = error.message().contains("Concurrent");
        String reason = concurrent
                ? "Salesforce runs too many requests at once for this org"
                : "the org's daily limit of requests to Salesforce is used up";
        return new TryLater(
                reason,
                concurrent ? org.limits().concurrent(reason) : org.limits().daily(reason),
                true,
                true);
    }

    /**
     * Whether the record was created between Salesforce's lookup and its insert, by another client or by an earlier
     * attempt without response.
     */
    private boolean isOurId(RecordError error) {
        return write.records().stream()
                .filter(PlannedRecord::isUpsert)
                .map(PlannedRecord::idField)
                .anyMatch(field -> error.fields().contains(field) || mentions(error.message(), field));
    }

    /** Whether the message contains the field's name as a word: other names may end with it. */
    private static boolean mentions(String message, String field) {
        return Pattern.compile("\\b" + Pattern.quote(field) + "\\b")
                .matcher(message)
                .find();
    }

    private boolean isTemporary(int status, RecordError error) {
        if (TEMPORARY.contains(error.code())) {
            return true;
        }
        boolean redirect = status > 300 && status < 400;
        return redirect || status >= 500 || TEMPORARY_STATUSES.contains(status);
    }

    private String describe(int status, String what, RecordError error) {
        if (status > 300 && status < 400) {
            return "Salesforce answered with a redirect, which is refused (" + status + ")";
        }
        if (status == 300) {
            return what + ": several records have this external id";
        }
        return what + ": " + (error.code().isEmpty() ? "it answered " + status : error.named());
    }
}
