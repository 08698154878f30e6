package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.Outcome;
import io.engagementwebhooks.deliver.Outcome.Delivered;
import io.engagementwebhooks.deliver.Outcome.GaveUp;
import io.engagementwebhooks.deliver.Outcome.NotSent;
import io.engagementwebhooks.deliver.Outcome.TryLater;
import io.engagementwebhooks.webhook.Target;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What Salesforce's answers mean for a delivery. The error code decides; the status only where no code does.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm">Status Codes
 *     and Error Responses, REST API Developer Guide</a>
 */
final class Verdicts {

    private static final int UNKNOWN = 0;

    /** Codes that pass by themselves, whatever status they come with. */
    private static final Set<String> PASSING = Set.of(
            "UNABLE_TO_LOCK_ROW",
            "SERVER_UNAVAILABLE",
            "LIMIT_EXCEEDED",
            "PLATFORM_EVENT_PUBLISHING_UNAVAILABLE",
            "QUERY_TIMEOUT",
            "API_CURRENTLY_DISABLED",
            "UNKNOWN_EXCEPTION");

    private static final Set<Integer> PASSING_STATUSES = Set.of(UNKNOWN, 408, 409, 425, 429);

    /** Statuses of a receiver that is overloaded (semantics 11). */
    private static final Set<Integer> OVERLOADED = Set.of(429, 502, 503, 504);

    private final Delivery delivery;
    private final OrgState org;

    /** @param org where limits and the session of the delivery's org are kept */
    Verdicts(Delivery delivery, OrgState org) {
        this.delivery = delivery;
        this.org = org;
    }

    /** A 2xx answer that says whether it worked. */
    Outcome answered(int status, RecordResult result) {
        if (!result.success()) {
            return refused(status, result.errors());
        }
        org.limits().passed();
        return new Delivered("");
    }

    /** The call ended without a whole answer. The record may have been written. */
    Outcome unanswered(boolean inTime) {
        String what = inTime
                ? "The connection to Salesforce broke before the whole answer came"
                : "Salesforce did not answer within "
                        + seconds(delivery.webhook().delivery().timeout());
        return new TryLater(what + (repeatable() ? "" : "; the record may exist already"), null, false, !inTime);
    }

    /** Salesforce answered that it did not do it. */
    Outcome refused(int status, List<RecordError> errors) {
        RecordError first = errors.isEmpty() ? RecordError.none() : errors.get(0);
        if (status == 401) {
            boolean lasting =
                    org.session().fault().filter(OrgUnavailable::lasting).isPresent();
            return new NotSent(refusedLogin(), org.session().retryAt(), lasting);
        }
        if (first.code().equals("REQUEST_LIMIT_EXCEEDED")) {
            return limit(first);
        }
        if (first.code().equals("DUPLICATE_VALUE") && isOurId(first)) {
            return duplicate();
        }
        return passes(status, first)
                ? new TryLater(
                        said(status, "Salesforce could not do it now", first), null, false, OVERLOADED.contains(status))
                : GaveUp.because(said(status, "Salesforce refused the record", first));
    }

    private String refusedLogin() {
        return org.session()
                .fault()
                .map(OrgUnavailable::getMessage)
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

    private boolean isOurId(RecordError error) {
        return target().externalId()
                .filter(field ->
                        error.fields().contains(field) || error.message().contains(field))
                .isPresent();
    }

    /** On a first attempt another writer was faster, and upserting again updates; later it was this delivery itself. */
    private Outcome duplicate() {
        return delivery.attempt() > 1
                ? new Delivered("an earlier attempt had written the record")
                : TryLater.bySchedule("Salesforce is writing the same record already");
    }

    private boolean passes(int status, RecordError error) {
        if (PASSING.contains(error.code())) {
            return true;
        }
        boolean redirect = status > 300 && status < 400;
        return redirect || status >= 500 || PASSING_STATUSES.contains(status);
    }

    private String said(int status, String what, RecordError error) {
        if (status > 300 && status < 400) {
            return "Salesforce answered with a redirect, which is refused (" + status + ")";
        }
        return what + ": " + (error.code().isEmpty() ? "it answered " + status : error.named());
    }

    private boolean repeatable() {
        return target().operation() == Target.Salesforce.Operation.UPSERT;
    }

    private Target.Salesforce target() {
        return (Target.Salesforce) delivery.webhook().delivery().target();
    }

    private static String seconds(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }
}
