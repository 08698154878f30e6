package io.engagementwebhooks.api.delivery;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.AuditLog;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ingest.Admission;
import io.engagementwebhooks.ingest.EventReader;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.query.DeliveryRow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.Processor;

/**
 * Sends the event of a delivery again with other data, as a new event for that webhook alone. Size limit and admission
 * are those of received events. Thread-safe.
 *
 * @param maxBody size limit of an event in bytes
 * @param ledger memory for parsing the event
 */
public record ResendApi(
        Deliveries deliveries, Admission admission, long maxBody, AuditLog auditLog, Clock clock, Ledger ledger) {

    /** The attribute of an edited event with the id of the original event. */
    static final String ORIGIN = "editedfrom";

    private static final EventReader READER = new EventReader();
    private static final String DATA = "data";

    /** {@code POST /v1/deliveries/{id}/resend}: the new delivery, which is due now. */
    public Processor resend() {
        return ApiStep.accepted(request -> {
            DeliveryRow row = deliveries.asked(request);
            String data = request.members(Set.of(DATA)).get(DATA);
            if (data == null) {
                throw ApiRequest.badBody("'data' is missing; give the new data of the event");
            }
            deliveries.mustBeRepeatable(row);
            admission.check(request.account());
            String id = UlidCreator.getMonotonicUlid(clock.millis()).toString();
            Event edited = edited(request.account(), deliveries.event(request, row), id, data);
            DeliveryView made = deliveries.resent(request, row, id, edited);
            auditLog.append(request, "resent", Deliveries.KIND, DeliveryView.PREFIX + row.id(), made.id());
            return made;
        });
    }

    /** The attributes of an event with another id and other data. */
    @SuppressWarnings("try")
    private Event edited(String account, Event event, String id, String data) {
        byte[] document;
        try (Evaluation evaluation = Evaluation.begin(ledger.of(account))) {
            Evaluation.use(EventJson.treeBound(event.document()));
            document = document(event, id, data);
        }
        if (document.length > maxBody) {
            throw new ProblemException(Problem.tooLarge("the event would have " + document.length
                    + " bytes, and may have " + maxBody + " (webhooks.ingest.max-body)"));
        }
        return READER.readOne(account, "application/cloudevents+json", document);
    }

    private static byte[] document(Event event, String id, String data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = EventJson.mapper().getFactory().createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("id", id);
            json.writeStringField(ORIGIN, event.id());
            for (Map.Entry<String, JsonNode> attribute : event.tree().properties()) {
                boolean isNew = Stream.of("id", ORIGIN, DATA, "data_base64", "datacontenttype")
                        .anyMatch(attribute.getKey()::equals);
                if (!isNew) {
                    json.writeFieldName(attribute.getKey());
                    EventJson.mapper().writeTree(json, attribute.getValue());
                }
            }
            json.writeStringField("datacontenttype", "application/json");
            json.writeFieldName(DATA);
            json.writeRawValue(data);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail to take JSON", e);
        } finally {
            event.dropLargeTree();
        }
        return out.toByteArray();
    }
}
