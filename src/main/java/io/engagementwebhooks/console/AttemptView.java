package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.type.TypeReference;
import io.engagementwebhooks.store.AttemptRow;
import java.util.Map;
import java.util.Optional;

/**
 * How an attempt looks in the API.
 *
 * @param note something worth knowing, or null
 * @param status the HTTP status, or null: there was no response
 * @param timing milliseconds of its parts, or null
 * @param headers of the response, or null
 * @param body the start of the response, or null: there was none, or it is no text
 * @param bodyBase64 in place of {@code body} where that is no text, else null
 * @param request what was sent, or null: it is not known
 */
public record AttemptView(
        int number,
        String startedAt,
        String outcome,
        String reason,
        String note,
        Integer status,
        long ms,
        Map<String, Double> timing,
        Map<String, String> headers,
        @JsonInclude(JsonInclude.Include.NON_NULL) String body,
        @JsonInclude(JsonInclude.Include.NON_NULL) String bodyBase64,
        SentRequestView request) {

    static AttemptView of(AttemptRow row, SentRequestView request) {
        Optional<String> text = row.body() == null ? Optional.empty() : DeliveryView.utf8(row.body());
        return new AttemptView(
                row.number(),
                DeliveryView.text(row.startedAt()),
                row.outcome(),
                row.reason().isEmpty() ? null : row.reason(),
                row.note(),
                row.status(),
                row.ms(),
                DeliveryView.map(row.timing(), new TypeReference<>() {}),
                DeliveryView.map(row.headers(), new TypeReference<>() {}),
                text.orElse(null),
                row.body() == null || text.isPresent() ? null : DeliveryView.base64(row.body()),
                request);
    }
}
